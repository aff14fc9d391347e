"""Kernels: functions of vectors over channels, compiled by Numba for a number of lanes.

What they share: a driver walks over entries (planes, groups of output channels) and positions, and
calls a kernel for each tile of positions. Where numbers lie is told by tables of byte offsets that
were made from resolved windows: no kernel knows what a stride or a padding is.

Programs import `records`, `shapes`, `state` and `interpolation`, which tell what they have to know.
The others load Numba, and are imported where there is something to compile alone.
"""
