from .asymptotics import (
    Prefactor,
    prefactor,
)
from .certified import (
    certified_count,
)
from .counts import (
    Count,
    mean_count,
)
from .curves import (
    mean_curves,
)
from .level_density import (
    log_mean_density,
)

__all__ = [
    "Count",
    "Prefactor",
    "certified_count",
    "log_mean_density",
    "mean_count",
    "mean_curves",
    "prefactor",
]
