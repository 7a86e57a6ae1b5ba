"""Critical points of instances."""
