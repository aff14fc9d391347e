"""Tests of cnncalc.explain."""
