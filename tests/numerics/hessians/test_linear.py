"""The oracle of linear networks: its spectra against their Hessians, assembled and by differences."""

from itertools import combinations

import numpy as np
import pytest

import numerics
from numerics.hessians.linear import linear_network

STRENGTHS = [3.0, 2.2, 1.5, 0.4]


def points():
    for hidden in (1, 2, 4, 5):
        for many in range(min(hidden, 4) + 1):
            for captured in combinations(range(4), many):
                yield captured, hidden


def matrix(one):
    return np.array([one.product(e) for e in np.eye(one.n)])


@pytest.mark.parametrize(("captured", "hidden"), list(points()))
def test_the_spectrum_is_that_of_the_hessian(captured, hidden):
    one = linear_network(STRENGTHS, captured, hidden)
    hessian = matrix(one)
    assert one.n == 2 * hidden * 4
    assert np.allclose(hessian, hessian.T)
    assert np.allclose(np.linalg.eigvalsh(hessian), one.eigenvalues)
    swaps = sum(
        STRENGTHS[i] > STRENGTHS[j] for j in captured for i in range(4) if i not in captured
    )
    assert one.index == (hidden - len(captured)) * (4 - len(captured)) + swaps
    # Zeros apart the index is proved.
    shifted = numerics.index_of(hessian + 1e-3 * np.eye(one.n))
    assert shifted.certified
    assert shifted.index == one.index


def test_the_product_is_the_second_derivative_of_the_loss():
    one = linear_network(STRENGTHS, [2, 0], 3)

    def loss(w):
        first, second = np.split(w, 2)
        return ((second.reshape(4, 3) @ first.reshape(3, 4) - np.diag(STRENGTHS)) ** 2).sum() / 2

    start = np.concatenate([one.first.ravel(), one.second.ravel()])
    rng = np.random.default_rng(0)
    for _ in range(5):
        v = rng.standard_normal(one.n)
        t = 1e-4
        first = (loss(start + t * v) - loss(start - t * v)) / (2 * t)
        second = (loss(start + t * v) - 2 * loss(start) + loss(start - t * v)) / t**2
        assert abs(first) < 1e-6  # critical
        assert abs(second - v @ one.product(v)) < 1e-5 * abs(second)


def test_tools_are_judged_by_it():
    """Lanczos is right; a count by power iteration without deflation of the sign is not."""
    one = linear_network(np.linspace(1.0, 3.0, 8), [0, 3, 4], 6)
    found = numerics.spectrum(one.product, one.n, probes=400).below(-1e-6)
    assert abs(found.count - one.index) < 5 * found.stderr + (found.high - found.low)
    assert abs(found.count - one.index) > 0.0  # an estimate
    low, residual = numerics.spectrum(one.product, one.n).lowest
    assert abs(low - one.eigenvalues[0]) < 1e-9
    assert residual < 1e-6
    wrong = (
        one.eigenvalues <= 0
    ).sum()  # zeros counted as negative: what a tool without cut-off says
    assert abs(found.count - wrong) > 10 * found.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1.0, -1.0], [0], 1), "strengths: got -1.0"),
        (([], [], 1), r"captured: got \[\]"),
        (([1.0], [1], 1), "captured: got 1"),
        (([1.0, 2.0], [0, 0], 2), r"captured: got \[0, 0\]"),
        (
            ([1.0, 2.0], [0, 1], 1),
            r"captured: got \[0, 1\]; takes directions of 2, each once, at most 1",
        ),
        (([1.0], [0], 0), "hidden: got 0"),
        ((1.0, [0], 1), "strengths: got"),
        (([1.0], 0, 1), "strengths: got"),
    ],
)
def test_bad_input_is_named(arguments, says):
    with pytest.raises(numerics.InputError, match=f"^{says}"):
        linear_network(*arguments)
