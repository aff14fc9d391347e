"""Words and pictures: what is known, selected and laid out. Nothing here computes."""
