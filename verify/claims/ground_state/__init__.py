"""The ground-state energy."""
