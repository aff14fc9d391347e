"""Compiled kernels: each a function of vectors over channels, generated for a number of lanes.

What they share: a driver walks over entries (planes, groups of output channels) and positions, and
calls a kernel for each tile of positions. Where numbers lie is told by tables of byte offsets that
were made from resolved windows: no kernel knows what a stride or a padding is.
"""
