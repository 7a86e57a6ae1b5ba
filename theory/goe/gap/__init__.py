"""The gap of the two lowest eigenvalues of GOE(N), and its limit at the soft edge."""
