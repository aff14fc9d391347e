"""Tests of cnncalc.sweep."""
