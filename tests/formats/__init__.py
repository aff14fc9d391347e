"""Tests of cnncalc.formats."""
