r"""Mean number of critical points of index k per unit of level: the pure model, exactly.

There H/N is fixed by the eigenvalue, u = mu y/sqrt(N) (`theory.finite_n.integrand`), so that the
density in u is that of the (k+1)-th smallest eigenvalue times the weight exp(-c y^2) and dy/du = sqrt(N)/mu:

    (d/du) E Crt_{N,k}(u) = 2 sqrt(2/p) (p-1)^(N/2) exp(-c y^2) p_k(y) sqrt(N)/mu.

Above -E_inf all eigenvalues must be pushed in to leave a minimum, at a cost of order N^2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.annealed.pure_model import e_inf
from theory.checks import check_index, check_integer
from theory.finite_n.critical_points import MOST_LEVEL, MOST_SPINS
from theory.finite_n.integrand import KacRiceConstants, Weight
from theory.goe.kth_density import FARTHEST, log_density, log_density_balls
from theory.levels import float_levels
from theory.model import pure

Real = NDArray[np.float64]

_ENOUGH = 1e-7  # an error of float64 that needs no balls


def log_mean_density(p: int, n: int, k: int, u: ArrayLike) -> Real:
    """Log of (d/du) E Crt_{N,k}(u), the mean number of critical points of index k per unit of H/N.

    Parameters
    ----------
    p
        Order of the pure model, >= 2.
    n
        Number of spins, from 2 to 20000.
    k
        Index, from 0 to n - 1, at most 64 from either end.
    u
        Levels H/N, any shape.

    Returns
    -------
    ndarray
        Natural logarithms; absolute error below 1e-7, by ball arithmetic where float64 has less.

    Raises
    ------
    InputError
        For p, n, k or u out of range.

    References
    ----------
    ABC, Thm 2.2; `theory.goe.fredholm` for the density of an eigenvalue.

    Examples
    --------
    >>> log_mean_density(3, 100, 0, [-1.65, -1.6]).round(6)
    array([2.183382, 5.153828])
    """
    constants = KacRiceConstants.of(pure(p))
    # guard (all): what is refused
    # tests/theory/finite_n/test_level_density.py::test_density_refuses_what_is_out_of_range
    n = check_integer("n", n, 2, MOST_SPINS)
    k = check_index("k", k, n, FARTHEST)
    levels = float_levels("u", u, -MOST_LEVEL, MOST_LEVEL)
    scale = math.sqrt(n / constants.mu_squared)
    y = scale * levels.ravel()
    logs, errors = log_density(n, k, -y)
    for at in np.flatnonzero(~(errors < _ENOUGH)):
        # same (0 -> -1): the last of one number is the first
        logs[at] = log_density_balls(n, k, -y[at : at + 1])[0][0]
    logs += Weight.of(constants, n, None).log(y) + constants.log_factor(n) + math.log(scale)
    return logs.reshape(levels.shape)


def squeeze(p: int, u: ArrayLike) -> Real:
    """Psi(u) in (d/du) E Crt_{N,0}(u) = exp(-N^2 Psi(u) + O(N)) for -E_inf <= u <= 0.

    Parameters
    ----------
    p
        Order of the pure model, >= 3.
    u
        Levels H/N from -E_inf to 0, any shape.

    Returns
    -------
    ndarray
        Absolute error below 1e-14.

    Raises
    ------
    InputError
        For levels out of range.

    References
    ----------
    DM at beta = 1: the probability that all eigenvalues of GOE(N) lie on one side of a
    point of the bulk is exp(-N^2 Psi) to leading order. Psi = log(3)/4 at u = 0, and 0 at -E_inf.

    Examples
    --------
    >>> squeeze(3, [-1.2, 0.0]).round(6)
    array([0.005909, 0.274653])
    """
    # guard (numbers): what is refused
    # tests/theory/finite_n/test_level_density.py::test_squeeze_refuses_levels_outside
    levels = float_levels("u", u, -e_inf(p), 0.0)
    w = -math.sqrt(2) * levels / e_inf(p)
    root = np.sqrt(w * w + 6)
    logs = math.log(18) - 2 * np.log(w + root)
    return np.asarray((36 * w**2 - w**4 - (15 * w + w**3) * root + 27 * logs) / 108)
