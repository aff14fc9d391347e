"""The list of bundled networks."""
