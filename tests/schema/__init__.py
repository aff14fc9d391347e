"""Tests of cnncalc.schema."""
