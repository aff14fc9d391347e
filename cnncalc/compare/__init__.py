"""Two networks side by side: `diff`, and `whatif` for a network before and after changes."""
