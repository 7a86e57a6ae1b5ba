from .many_starts import (
    Descent,
    descend,
)
from .methods import (
    METHODS,
    descend_one,
)
from .protocol import (
    Status,
)

__all__ = [
    "METHODS",
    "Descent",
    "Status",
    "descend",
    "descend_one",
]
