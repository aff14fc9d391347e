"""Tests of cnncalc.workers."""
