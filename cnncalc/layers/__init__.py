"""What a layer is: one class a kind, one file a family."""
