from .ball import (
    Ball,
    bits_of,
    to_arb,
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
from .ziv import (
    Missing,
    until_precise,
)

__all__ = [
    "ARB",
    "MPMATH",
    "NUMPY",
    "Ball",
    "Functions",
    "Missing",
    "bits_of",
    "root",
    "to_arb",
    "until_precise",
]
