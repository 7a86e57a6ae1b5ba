"""Cubic instances in a random field: exact mean numbers, values, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.critical import field_census
from numerics.critical.field import in_field
from numerics.critical.polynomials import draw_forms
from theory import mean_count, mixture


@pytest.mark.parametrize(
    ("n", "variance", "samples"), [(3, 1.0, 600), (4, 2.5, 300), (5, 3.0, 100)]
)
def test_exact_mean_numbers_by_index_and_level(n: int, variance: float, samples: int) -> None:
    found = field_census(n, variance, samples, seed=2)
    model, without = mixture({3: 1, 1: variance}), mixture({3: 1})
    assert found.unresolved == 0
    assert found.morse().all()
    values = {(k, None): found.counts[:, k] for k in range((n + 1) // 2)}
    low = found.energy < -1.5
    values[None, -1.5] = np.bincount(found.instance[low], minlength=samples)
    for (k, below), counts in values.items():
        error = counts.std() / math.sqrt(samples)
        said, other = (float(mean_count(one, n, k, below).value) for one in (model, without))
        assert abs(counts.mean() - said) < 4.5 * error
        # Without the field it is far, in all but the number of minima, which falls slowly.
        assert k == 0 or abs(counts.mean() - other) > 4 * error


def test_a_field_is_a_cubic_form_on_the_sphere() -> None:
    rng = np.random.default_rng(1)
    forms, b = draw_forms([rng], 4, {3: 1.0}), rng.standard_normal((1, 4))
    x = rng.standard_normal(4)
    x /= np.linalg.norm(x)
    added = in_field(forms, b).t[0] - forms.t[0]
    from numerics.pspin import multisets

    m = multisets.multi_indices(4, 3)
    value = (np.asarray(multisets.orderings(4, 3)) * added * x[m].prod(axis=1)).sum()
    assert value == pytest.approx(b[0] @ x)


@pytest.mark.parametrize(
    ("arguments", "name"), [((1, 1.0), "n"), ((3, -1.0), "variance"), ((3, 1.0, 0), "samples")]
)
def test_bad_input_is_named(arguments: tuple[object, ...], name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: got"):
        field_census(*arguments)  # type: ignore[arg-type]
