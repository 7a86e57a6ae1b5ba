"""Commands of ``python -m theory`` that have a file of their own."""
