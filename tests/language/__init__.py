"""The architecture language: what it says, what it refuses, and what cannot break it."""
