"""CuPy's Fourier transforms: none is needed."""
