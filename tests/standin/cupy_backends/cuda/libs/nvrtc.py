"""The compiler of kernels, which is there."""


def getVersion():
    """Return a version."""
    return 13, 0
