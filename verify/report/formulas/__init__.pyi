from .formula import (
    Formula,
    all_formulas,
)

__all__ = [
    "Formula",
    "all_formulas",
]
