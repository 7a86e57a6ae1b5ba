from .linear import (
    LinearNetwork,
    linear_network,
)
from .quadrature import (
    Eigenvalues,
    Spectrum,
    spectrum,
)

__all__ = [
    "Eigenvalues",
    "LinearNetwork",
    "Spectrum",
    "linear_network",
    "spectrum",
]
