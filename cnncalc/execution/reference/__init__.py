"""The reference backend: every operation in NumPy that a reader can check by eye."""
