"""Exact mean numbers of critical points at finite N, and their limits."""
