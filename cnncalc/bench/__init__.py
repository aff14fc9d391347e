"""Several networks executed in turns, and compared with an earlier time."""
