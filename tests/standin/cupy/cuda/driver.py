"""CUDA's driver."""


class CUDADriverError(RuntimeError):
    """An error of the driver."""
