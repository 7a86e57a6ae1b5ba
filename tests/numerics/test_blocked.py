"""Blocked contractions against the plain products, in both precisions and all batches."""

import tracemalloc

import numpy as np
import pytest

from numerics import InputError, descend, multisets
from numerics.blocked import TILE, contract
from numerics.packed import product_derivatives, products

# (n, degree) with one block, several, and blocks that begin inside a largest entry.
SHAPES = [(2, 1), (7, 1), (2, 2), (40, 2), (90, 2), (12, 3), (30, 3), (9, 4), (3, 6), (300, 1)]


def setting(n, degree, replicas, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((n, multisets.count(n, degree)))
    s, v = rng.standard_normal((2, replicas, n))
    return tuple(x.astype(dtype) for x in (a, s, v))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "degree"), SHAPES)
def test_against_one_plain_product(n, degree, dtype):
    a, s, v = setting(n, degree, 2 * TILE + 3, dtype)
    wide = [x.astype(np.float64) for x in (a, s, v)]
    for along, packed in (
        (None, products(wide[1].T, degree)),
        (v, product_derivatives(wide[1].T, wide[2].T, degree)),
    ):
        got = contract(a, degree, s, along)
        assert got.dtype == np.float64
        scale = np.finfo(dtype).eps * (np.abs(wide[0]) @ np.abs(packed)).max()
        np.testing.assert_allclose(got, (wide[0] @ packed).T, atol=4 * degree * scale)


def test_float32_errors_are_those_of_its_rounding():
    """Sums of 31125 terms: relative to the result, near eps, not eps times the number of terms."""
    a, s, _ = setting(249, 2, TILE, "float32")
    exact = (a.astype(np.float64) @ products(s.T.astype(np.float64), 2)).T
    error = np.sqrt(((contract(a, 2, s) - exact) ** 2).mean() / (exact**2).mean())
    assert error < 4 * np.finfo(np.float32).eps


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "degree"), [(90, 2), (30, 3), (7, 1)])
def test_no_bit_depends_on_the_batch(n, degree, dtype):
    a, s, v = setting(n, degree, 10 * TILE + 5, dtype)
    for along in (None, v):
        whole = contract(a, degree, s, along)
        for rows in ([0], [5], list(range(3, 40)), [TILE + 1, 2], [10 * TILE + 4]):
            some = contract(a, degree, s[rows], None if along is None else along[rows])
            assert (some == whole[rows]).all()


def test_dtypes_must_agree():
    a, s, v = setting(4, 2, 3)
    for bad in (
        (a, s.astype("float32"), None),
        (a.astype("float32"), s, None),
        (a, s, v.astype("float32")),
    ):
        with pytest.raises(InputError, match=r"^dtype: got 'float"):
            contract(bad[0], 2, *bad[1:])


def test_shapes_must_fit():
    a, s, v = setting(4, 2, 3)
    for bad, name in (((a, s[:, :3]), "replicas"), ((a, s[0]), "replicas"), ((a, s, v[:2]), "vec")):
        with pytest.raises(InputError, match=f"^{name}.*: got"):
            contract(bad[0], 2, *bad[1:])


def test_memory_does_not_grow_with_the_disorders():
    peaks = []
    descend(12, p=3, disorders=1, starts=3, max_steps=5)
    for disorders in (4, 40):
        tracemalloc.start()
        descend(12, p=3, disorders=disorders, starts=3, max_steps=5)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The results of a start are a few hundred bytes.
    assert peaks[1] < peaks[0] + 36 * 3 * 600
