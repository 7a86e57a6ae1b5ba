"""Free energy of a state of the pure model and its ancestor, the critical point below it.

At temperature T a state is a critical point of H seen through its overlap q: energy q^(p/2) u, entropy
(1/2) log(1 - q), and Onsager's reaction (Thouless, Anderson and Palmer; Crisanti and Sommers 1995),

    f(q, u) = q^(p/2) u - (T/2) log(1 - q) - (1 - q^p - p q^(p-1) (1 - q))/(2 T).

Stationary in q, with T^2 = p q^(p-2) (1 - q) as at a transition, u = -(1 + (p-1) y)/sqrt(p y), y = 1 - q.
The formulas are written once, over the functions of an arithmetic, as in `theory.annealed.pure_model`.
"""

from __future__ import annotations

from typing import Any

from theory.arithmetic.functions import Functions


def free_energy(p: Any, q: Any, u: Any, temperature: Any, f: Functions) -> Any:
    """Free energy of the states at overlap q above the critical points of level u.

    Examples
    --------
    >>> from theory.arithmetic.functions import NUMPY
    >>> round(float(free_energy(3, 0.5, -1.632993161855452, 0.8660254037844386, NUMPY)), 12)
    -0.565883870321
    """
    reaction = (1 - q**p - p * q ** (p - 1) * (1 - q)) / (2 * temperature)
    return _half_power(p, q, f) * u - temperature / 2 * f.log(1 - q) - reaction


def _half_power(p: Any, q: Any, f: Functions) -> Any:
    """q^(p/2), in an arithmetic that may know whole powers and roots alone; p a number or a symbol."""
    if not isinstance(p, int):
        return q ** (p / 2)
    return q ** (p // 2) * (f.sqrt(q) if p % 2 else 1)


def ancestor_energy(p: Any, q: Any, f: Functions) -> Any:
    """Level u of the critical point whose states have overlap q at a transition of the pure model.

    Examples
    --------
    >>> from theory.arithmetic.functions import NUMPY
    >>> round(float(ancestor_energy(3, 0.5, NUMPY)), 12)  # -E_inf, at the dynamic transition
    -1.632993161855
    """
    y = 1 - q
    return -(1 + (p - 1) * y) / f.sqrt(p * y)
