"""Questions about a network and its variants: what if, what fits, what differs, and why."""
