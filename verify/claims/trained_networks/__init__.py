"""Whether trained networks behave like the spin glass: one estimator on both, and on what lies between."""
