"""Which critical points are counted: of what model and N, of what index, up to what level."""

from __future__ import annotations

from dataclasses import dataclass

import flint

from theory.annealed.named_levels import resolve_level
from theory.arithmetic.ball import to_arb
from theory.checks import check_index, check_integer
from theory.finite_n.integrand import KacRiceConstants
from theory.levels import Level
from theory.model import Mixture, check_mixture

# guard (all): what is refused
# tests/theory/finite_n/test_counts.py::test_bad_input_is_named
MOST_SPINS = 20_000
MOST_LEVEL = 100


@dataclass(frozen=True)
class CriticalPoints:
    """The critical points of index k with H/N <= below, all arguments checked.

    Attributes
    ----------
    constants
        Of the model.
    n
        Number of spins.
    k
        Index, or None for all indices together.
    below
        Level, exact, or None for all levels.
    """

    constants: KacRiceConstants
    n: int
    k: int | None
    below: Level | None

    @classmethod
    def of(
        cls, model: Mixture, n: int, k: int | None, below: object, digits: int = 40
    ) -> CriticalPoints:
        """Check what was given; InputError names what is wrong.

        A level may be a name, -E_inf, -E_0, ...; it is then a ball of so many digits.
        """
        check_mixture(model)
        # guard (all): what is refused
        # tests/theory/finite_n/test_counts.py::test_bad_input_is_named
        n = check_integer("n", n, 2, MOST_SPINS)
        k = None if k is None else check_index("k", k, n)
        level = None if below is None else resolve_level("below", below, model, digits, MOST_LEVEL)
        return cls(KacRiceConstants.of(model), n, k, level)

    @property
    def below_float(self) -> float | None:
        """The level in float64."""
        return None if self.below is None else float(self.below)

    @property
    def below_arb(self) -> flint.arb | None:
        """The level at flint's current precision."""
        return None if self.below is None else to_arb(self.below)
