from .many_starts import (
    Descent,
    descend,
)
from .methods import (
    METHODS,
    descend_one,
)

__all__ = [
    "METHODS",
    "Descent",
    "descend",
    "descend_one",
]
