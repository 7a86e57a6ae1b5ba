"""What claims on sharp prefactors share: exact counts over exp(N Theta), and wrong constants."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from theory import mean_count, pure
from theory.annealed.pure_model import e_inf, theta
from theory.finite_n import asymptotics
from theory.finite_n.asymptotics import Prefactor
from verify.claim import Params


@cache
def prefactor(p: int, u: str, k: int | None = None) -> Prefactor:
    """What theory.finite_n.asymptotics says."""
    return asymptotics.prefactor(pure(p), u, k, 20)


def over_exponential(params: Params, n: int, u: float, k: int | None = None) -> float:
    """Exact mean number over exp(N Theta): C N^a, and what vanishes beside it as N rises."""
    p = params["p"]
    return float(np.exp(mean_count(pure(p), n, k, below=u).log - n * float(theta(p, u, k))))


def angle(params: Params) -> float:
    """The t of u = -E_inf cosh t."""
    return math.acosh(-float(params["u"]) / e_inf(params["p"]))


def slope_share(params: Params) -> float:
    """The exponent's slope over what is left of it without the rate I."""
    p = params["p"]
    return float(1 + p / (p - 2) * math.tanh(angle(params)))


def density_share(params: Params) -> float:
    """One of the two terms of h over both."""
    return 1 / (1 + math.tanh(angle(params) / 2))
