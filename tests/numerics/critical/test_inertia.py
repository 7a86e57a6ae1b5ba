"""The index of a symmetric matrix, against spectra that are known exactly."""

import numpy as np
import pytest
from scipy.linalg import hadamard, invhilbert

import numerics
from numerics.core.backend import InputError


@pytest.mark.parametrize("n", [1, 2, 5, 40, 300])
def test_the_index_and_the_margin_of_the_second_difference(n):
    """Eigenvalues of the chain 2 - 2 cos(pi k/(n + 1)), shifted."""
    exact = 2 - 2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1)) - 1.3
    chain = (2 - 1.3) * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    found = numerics.index_of(chain)
    assert found.certified
    assert found.index == (exact < 0).sum()
    nearest = np.abs(exact).min()
    assert nearest * (1 - 1e-7) < found.margin <= nearest


def test_what_is_certified_survives_every_change_within_the_margin():
    rng = np.random.default_rng(0)
    m = rng.standard_normal((30, 30))
    m = m + m.T
    found = numerics.index_of(m)
    w, v = np.linalg.eigh(m)
    nearest = int(np.abs(w).argmin())
    push = np.outer(v[:, nearest], v[:, nearest]) * np.sign(w[nearest])
    inside = numerics.index_of(m - 0.999 * found.margin * push)
    outside = numerics.index_of(m - 1.001 * found.margin * push)
    assert (inside.index, inside.certified) == (found.index, True)
    assert abs(outside.index - found.index) == 1


@pytest.mark.parametrize("small", [0.0, 1e-17, -1e-17, 1e-15, -1e-15])
def test_an_eigenvalue_too_close_to_zero_is_never_certified_wrongly(small):
    """H diag(w) H^T/32 is exact but for one rounding: its small eigenvalue is not to be told."""
    h = hadamard(32).astype(float)
    w = np.r_[np.arange(1, 17.0), -np.arange(1, 16.0), small]
    found = numerics.index_of((h * w) @ h.T / 32)
    assert not found.certified
    assert found.margin <= 0


def test_an_ill_conditioned_matrix_is_told_as_far_as_it_can_be():
    eight = numerics.index_of(invhilbert(8))  # integers; smallest eigenvalue 0.59, largest 9e9
    assert (eight.index, eight.certified) == (0, True)
    assert eight.margin < 1 / np.linalg.norm(1 / (np.arange(8)[:, None] + np.arange(8) + 1), 2)
    assert not numerics.index_of(invhilbert(13).astype(float)).certified


@pytest.mark.parametrize("exponent", [-1000, -300, 300, 1000])
def test_no_size_overflows(exponent):
    m = np.ldexp(np.array([[1.0, 2.0], [2.0, 1.0]]), exponent)
    found = numerics.index_of(m)
    assert (found.index, found.certified) == (1, True)
    assert found.margin == pytest.approx(np.ldexp(1.0, exponent))


def test_what_lacks_in_symmetry_is_taken_off():
    m = np.diag([1.0, -1e-3])
    m[0, 1] = 1e-9
    found = numerics.index_of(m)
    assert found.certified
    assert 1e-3 - 1.1e-9 < found.margin < 1e-3 - 0.5e-9


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(2)[:1], "takes shape"),
        (np.zeros((0, 0)), "n >= 1"),
        (3.0, "takes shape"),
        ([[1.0, 2.0], [0.0, 1.0]], "takes a symmetric matrix"),
        ([[np.inf]], "finite"),
        ([[1j]], "real numbers"),
        ([[1.0], [1.0, 2.0]], "a square array"),
    ],
)
def test_bad_matrices_are_named(matrix, message):
    with pytest.raises(InputError, match=f"matrix: got .*{message}"):
        numerics.index_of(matrix)
