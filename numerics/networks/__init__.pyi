from .datasets import (
    load,
)
from .experiment import (
    train,
)
from .lbfgs import (
    converge,
)
from .own_data import (
    dataset,
)
from .sgd import (
    Settings,
)

__all__ = [
    "Settings",
    "converge",
    "dataset",
    "load",
    "train",
]
