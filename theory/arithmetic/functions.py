"""The elementary functions of an arithmetic, so that a formula is written once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flint
import mpmath
import numpy as np


@dataclass(frozen=True)
class Functions:
    """The elementary functions of some arithmetic."""

    log: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    sinh: Callable[[Any], Any]
    cosh: Callable[[Any], Any]


ARB = Functions(flint.arb.log, flint.arb.sqrt, flint.arb.sinh, flint.arb.cosh)
MPMATH = Functions(mpmath.log, mpmath.sqrt, mpmath.sinh, mpmath.cosh)
NUMPY = Functions(np.log, np.sqrt, np.sinh, np.cosh)
