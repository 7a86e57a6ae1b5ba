"""Laws of single eigenvalues: tables of their bodies, their far tails, and the methods of scipy.stats."""
