"""What is checked beyond the arithmetic: warnings, suggestions, what a file expects of itself."""
