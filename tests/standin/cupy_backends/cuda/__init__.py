"""What CuPy calls of CUDA."""
