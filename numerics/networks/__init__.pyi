from .datasets import (
    load,
)
from .experiment import (
    train,
)
from .lbfgs import (
    converge,
)
from .sgd import (
    Settings,
)

__all__ = [
    "Settings",
    "converge",
    "load",
    "train",
]
