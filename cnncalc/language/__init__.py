"""What the author of a file wrote: sections, items, blocks, expressions."""
