"""For which input sizes a network fits, and what would make one fit."""
