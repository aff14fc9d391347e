"""What is right and wrong about a network: evaluation, expectations, suggestions, lints."""
