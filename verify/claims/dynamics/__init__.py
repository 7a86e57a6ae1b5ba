"""Relaxation at infinite N."""
