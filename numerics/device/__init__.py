"""The kernels of `numerics.compiled` on a CUDA device."""
