from .backend import (
    Array,
    InputError,
    Namespace,
    namespace,
)
from .log_sums import (
    LogSums,
)
from .streams import (
    Stream,
    stream,
)

__all__ = [
    "Array",
    "InputError",
    "LogSums",
    "Namespace",
    "Stream",
    "namespace",
    "stream",
]
