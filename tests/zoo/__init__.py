"""The bundled networks, held to numbers from elsewhere."""
