"""The index of a symmetric matrix, against spectra that are known exactly."""

import numpy as np
import pytest
from scipy.linalg import hadamard, invhilbert

import numerics
from numerics.core.backend import InputError
from numerics.critical import inertia


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


@pytest.mark.parametrize("n", [1, 2, 4, 9, 16, 25])
def test_of_the_identity_nothing_is_lost_but_room_for_rounding(n):
    """There V and w are exact. With gamma = (n + 4) u, u half the distance of 1 to the next float, the
    bounds are 2 gamma (n + sqrt n) of the residual and the skewness and gamma (n + sqrt n) of the
    division; 8 of the last operations and sqrt n of the symmetric part, in units u."""
    found = numerics.index_of(np.eye(n))
    units = (1 - found.margin) / 2.0**-53
    root = np.sqrt(n)
    assert found.certified
    assert units == pytest.approx(3 * (n + 4) * (n + root) + 8 + root, abs=1)


@pytest.mark.parametrize("size", [1e-3, 0.03, 0.3])
def test_what_a_poor_decomposition_proves_is_what_the_docstring_says(monkeypatch, size):
    rng = np.random.default_rng(1)
    m = np.diag([3.0, -2.0, 1.5, -1.0, 2.5]) + 0.1 * np.ones((5, 5))
    w, v = np.linalg.eigh(m)
    w = w + size * rng.standard_normal(5) / 5
    v = v + size * rng.standard_normal((5, 5)) / 5
    d = np.linalg.norm(v.T @ v - np.eye(5))
    error = d * np.abs(w).max() + np.sqrt(1 + d) * np.linalg.norm(m @ v - v * w)
    margin = (np.abs(w).min() - error) / (1 + d)
    monkeypatch.setattr(np.linalg, "eigh", lambda a: (w / 4, v))  # the largest entry is in 2..4
    found = numerics.index_of(m)
    assert found.index == 2
    assert found.margin == pytest.approx(margin, rel=1e-6)
    assert found.certified == (margin > 0)


def test_vectors_far_from_orthonormal_prove_nothing(monkeypatch):
    monkeypatch.setattr(np.linalg, "eigh", lambda a: (np.array([-1.0, 1.0]), 2 * np.eye(2)))
    found = numerics.index_of(np.diag([-0.75, 0.75]))
    assert not found.certified
    assert found.margin == -1


def test_a_matrix_of_zeros_has_no_negative_eigenvalue_and_no_proof():
    found = numerics.index_of(np.zeros((3, 3)))
    assert (found.index, found.certified) == (0, False)
    assert -1e-200 < found.margin <= 0


def test_norms_are_raised_a_little():
    for a in (np.array([[3.0, 4.0]]), np.full((5, 5), 0.1)):
        exact = np.sqrt((a**2).sum())
        assert exact * (1 + 5e-10) < inertia._norm(a) < exact * (1 + 5e-9)
    assert 0 < inertia._norm(np.zeros((2, 2))) < 1e-200


def test_a_matrix_is_symmetric_up_to_one_part_in_a_hundred_million():
    """Of its largest entry, and that much is still taken."""
    for top in (1.0, 1e-3, 64.0):
        m = np.array([[top, 1e-8 * top], [0.0, top]])
        assert numerics.index_of(m).certified
        m[0, 1] *= 1.01
        with pytest.raises(InputError, match="symmetric"):
            numerics.index_of(m)


def test_a_matrix_takes_eight_times_its_size(monkeypatch):
    """The matrix, its symmetric part, the vectors, and products beside them."""
    asked = []
    monkeypatch.setattr(inertia, "check_memory", lambda memory, needed, *_: asked.append(needed))
    numerics.index_of(np.eye(7))
    assert asked == [8 * np.eye(7).nbytes]


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
