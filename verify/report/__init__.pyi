from .pages import (
    write,
)
from .results import (
    dump,
    load,
)

__all__ = [
    "dump",
    "load",
    "write",
]
