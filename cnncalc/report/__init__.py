"""What follows from a graph: rows, totals, memory, receptive fields."""
