"""What the platform consists of, one module per component."""
