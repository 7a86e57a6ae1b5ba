"""The Gaussian orthogonal ensemble and its edge."""
