"""GUE(N) and its soft edge, beta = 2: laws of single eigenvalues from determinants without square roots."""
