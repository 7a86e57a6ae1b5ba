"""A spike in the data: what signal does to the landscape."""
