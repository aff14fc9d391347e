"""Machine code made for the processor at hand: the ground that compiled kernels stand on."""
