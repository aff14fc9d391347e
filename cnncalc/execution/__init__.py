"""Running a network: weights, a plan of primitive operations, and the backends that carry it out.

Only the modules that compute import numpy, and only when a run is asked for.
"""
