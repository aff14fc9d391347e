"""The steps from a layer's options and input to its numbers, without graphs, files or kinds."""
