"""Many variants of a network: grids, conditions, the value that satisfies a budget."""
