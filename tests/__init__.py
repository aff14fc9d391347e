"""Tests of cnncalc; they mirror the package."""
