from .ball import (
    Ball,
)
from .functions import (
    ARB,
    MPMATH,
    NUMPY,
    Functions,
)
from .interval_newton import (
    root,
)

__all__ = [
    "ARB",
    "MPMATH",
    "NUMPY",
    "Ball",
    "Functions",
    "root",
]
