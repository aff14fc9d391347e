"""Where a layer's numbers come from, and what a diagnostic means."""
