"""What follows from a network: costs, receptive fields, memory."""
