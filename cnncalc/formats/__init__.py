"""Other languages' words for what cnncalc reads: JSON Schema for editors."""
