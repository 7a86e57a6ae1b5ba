"""Commands of ``python -m verify`` that have a file of their own."""
