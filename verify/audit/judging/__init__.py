"""Who judges a changed source, and trials of it in children of its own."""
