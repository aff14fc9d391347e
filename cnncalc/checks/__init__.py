"""What is checked beyond the arithmetic: warnings, comments that hide them, what a file expects."""
