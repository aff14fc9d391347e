"""A change as the text of a file: written in, read again, and found to be the same network."""
