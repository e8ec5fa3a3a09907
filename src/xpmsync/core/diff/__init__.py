"""One linked client in, its changes and holds out."""
