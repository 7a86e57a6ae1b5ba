"""Complexity functions, thresholds and layers, proved."""
