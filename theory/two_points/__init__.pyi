from .moments import (
    Moments,
    second_moment,
)

__all__ = [
    "Moments",
    "second_moment",
]
