"""Tests of cnncalc.compare."""
