from .landscapes import (
    Glass,
    Loss,
)
from .string_method import (
    Strings,
    connect,
)
from .two_times import (
    displacement,
    langevin_path,
)

__all__ = [
    "Glass",
    "Loss",
    "Strings",
    "connect",
    "displacement",
    "langevin_path",
]
