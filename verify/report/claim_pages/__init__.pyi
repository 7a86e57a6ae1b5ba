from .page import (
    Around,
    claim_page,
)

__all__ = [
    "Around",
    "claim_page",
]
