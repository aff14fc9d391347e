"""Tests of cnncalc.fit."""
