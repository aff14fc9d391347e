"""Networks measured beside one another, as text."""
