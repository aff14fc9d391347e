"""What the author meant: layers with resolved options, volumes and origins."""
