from .equations import (
    Step,
    latex,
    steps,
)

__all__ = [
    "Step",
    "latex",
    "steps",
]
