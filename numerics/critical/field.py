"""Every critical point of cubic instances in a random external field.

On |x| = 1 the field b.x is the cubic form (b.x)(x.x), of the same critical points, levels and indices: the
census of cubic forms proves them. H(-s) = -H(s) still, and generic points are as many as without field.
"""

from __future__ import annotations

import numpy as np

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real
from numerics.core.streams import stream
from numerics.critical.enumeration import Census, census_of, check_census
from numerics.critical.polynomials import Forms, Real, draw_forms
from numerics.pspin import multisets


def in_field(forms: Forms, field: Real) -> Forms:
    """Return the cubic forms plus (b.x)(x.x), b of shape (instances, n).

    Examples
    --------
    >>> forms = draw_forms([np.random.default_rng(0)], 2, {3: 1.0})
    >>> added = in_field(forms, np.array([[3.0, 0.0]])).t - forms.t  # 3 x^3 + 3 x y^2
    >>> added.round(12).tolist()
    [[3.0, 0.0, 1.0, 0.0]]
    """
    i, j, k = multisets.multi_indices(forms.layout.n, 3).T
    added = field[:, i] * (j == k) + field[:, j] * (i == k) + field[:, k] * (i == j)
    return Forms(forms.layout, forms.t + added / 3)


def field_census(n: int, variance: float, samples: int = 1, seed: int = 0) -> Census:
    """Return the critical points of q^3 + variance q: instances of three-spin couplings in a Gaussian field.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    variance : float
        h^2, of each component of the field, >= 0.
    samples, seed : int
        Number of instances, and of what they are drawn.

    Returns
    -------
    Census

    Raises
    ------
    InputError
        Bad arguments, or more points than are tracked; see `census`.

    Examples
    --------
    >>> found = field_census(3, 3.0, samples=200)  # 6 points in the mean: 2 n where h^2 = xi'' - xi'
    >>> found.unresolved, bool(abs(found.counts.sum(axis=1).mean() - 6) < 1)
    (0, True)
    """
    n, cubic, samples = check_census(n, 3, None, samples)
    variance = check_real("variance", variance)
    if variance < 0:
        raise InputError.of("variance", variance, "a finite number >= 0")
    source = stream(check_integer("seed", seed, 0), "cubic in a field", n, repr(variance))
    forms = draw_forms([source.generator(i, 0) for i in range(samples)], n, cubic)
    b = np.stack([source.generator(i, 1).standard_normal(n) for i in range(samples)])
    return census_of(in_field(forms, np.sqrt(variance) * b), source)
