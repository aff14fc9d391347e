"""Tests of cnncalc.sizes."""
