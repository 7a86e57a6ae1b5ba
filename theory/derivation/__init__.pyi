from .equations import (
    latex,
    steps,
)
from .step import (
    Step,
)

__all__ = [
    "Step",
    "latex",
    "steps",
]
