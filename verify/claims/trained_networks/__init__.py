"""Claims on whether trained networks behave like the spin glass: one estimator on both."""
