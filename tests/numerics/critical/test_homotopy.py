"""Start systems, and which points come out as real, as not real, and as missing."""

import numpy as np
import pytest

from numerics.critical import homotopy
from numerics.critical.degenerate import CURVE
from numerics.critical.kantorovich import evaluate, radius
from numerics.critical.polynomials import Forms, draw_forms, layout


def zeros_of(forms):
    return homotopy.zeros(forms, lambda i, attempt: np.random.default_rng([i, attempt]))


@pytest.mark.parametrize(("n", "d"), [(2, 2), (3, 2), (2, 3), (4, 3), (3, 4), (2, 6)])
def test_a_start_of_both_signs_has_every_point_and_its_mirror(n, d):
    rng = np.random.default_rng(0)
    c = np.exp(2j * np.pi * rng.random((3, n))) * rng.uniform(0.5, 2, (3, n))
    one, both = (homotopy.start(c, d, both=both) for both in (False, True))
    count = homotopy.solutions(n, d)
    assert one.shape == (3, count, n + 1)
    assert both.shape == (3, 2 * count, n + 1)
    assert (both[:, :count] == one).all()
    assert (both[:, count:, :n] == -one[..., :n]).all()
    x, mu = both[..., :n], both[..., n:]
    np.testing.assert_allclose(c[:, None] * x ** (d - 1), mu * x, atol=1e-12)
    np.testing.assert_allclose((x * x).sum(axis=-1), 1, atol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_eigenvectors_of_one_variable_and_of_two(d):
    """(d-1)^n - 1 over d - 2: one, and d."""
    assert homotopy.solutions(1, d) == 1
    assert homotopy.solutions(2, d) == d
    assert homotopy.solutions(3, d) == d * d - d + 1


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {4: 1.0}, {2: 0.4, 3: 0.6}])
def test_every_zero_is_real_or_one_of_a_conjugate_pair(coefficients):
    n, count = 3, 4
    rngs = [np.random.default_rng(i) for i in range(count)]
    forms = draw_forms(rngs, n, coefficients)
    found = zeros_of(forms)
    assert np.isfinite(found.r).all()
    assert (found.r < 1e-10).all()
    assert (found.kind == 0).all()
    assert (found.steps > 3).all()
    at = evaluate(forms, found.z)
    assert np.abs(at.value).max() < 1e-10
    assert (found.z.imag[found.real] == 0).all()
    apart = np.abs(found.z.imag[..., :n]).max(axis=-1)
    assert (apart[~found.real] > found.r[~found.real]).all()
    assert found.real.any()
    assert not found.real.all()
    for z, real in zip(found.z, found.real, strict=True):
        for x in z[~real, :n]:
            signs = (1, -1) if forms.layout.is_pure else (1,)
            gaps = [np.abs(z[:, :n] - s * x.conj()).max(axis=1).min() for s in signs]
            assert min(gaps) < 1e-9


@pytest.mark.parametrize("imag", [1e-8, 1e-4])
def test_a_point_near_a_real_one_becomes_it_and_one_farther_off_goes_there_by_newton(imag):
    forms = draw_forms([np.random.default_rng(0)], 3, {3: 1.0})
    found = zeros_of(forms)
    real = np.flatnonzero(found.real[0])
    z, r = homotopy.certified(forms, found.z[:, real] + 1j * imag)
    assert np.isfinite(r).all()
    assert (z.imag == 0).all()
    np.testing.assert_allclose(z, found.z[:, real], atol=1e-10)


def test_a_pair_too_close_to_the_real_axis_to_tell_is_no_point(monkeypatch):
    """A ball that holds real points, about a point that is not: nothing is said."""
    forms = draw_forms([np.random.default_rng(0)], 3, {3: 1.0})
    found = zeros_of(forms)
    other = np.flatnonzero(~found.real[0])
    size = np.abs(found.z.imag[0, other, :3]).max(axis=1)
    for factor, finite in ((0.99, True), (1.01, False)):
        monkeypatch.setattr(homotopy, "radius", lambda forms, z, f=factor: f * size[None])
        _, r = homotopy.certified(forms, found.z[:, other])
        assert np.isfinite(r).all() == finite
        assert np.isinf(r).all() != finite
    monkeypatch.undo()
    _, r = homotopy.certified(forms, found.z[:, other])
    np.testing.assert_allclose(r, radius(forms, found.z[:, other]), rtol=0.1)


def test_no_path_is_lost_of_an_instance_in_no_special_place():
    """Of many start systems: each end is a zero, and all are found at once."""
    forms = draw_forms([np.random.default_rng(i) for i in range(6)], 4, {3: 1.0})
    for first_error, scale in homotopy.ATTEMPTS:
        sources = [np.random.default_rng([9, i]) for i in range(6)]
        z, steps = homotopy._attempt(forms, sources, first_error, scale)
        assert (steps > 3).all()
        assert (steps < 400).all()
        assert np.abs(evaluate(forms, z).value).max() < 1e-6


def test_what_the_first_attempt_loses_later_ones_find_and_kinds_are_asked_once(monkeypatch):
    forms = draw_forms([np.random.default_rng(i) for i in range(3)], 3, {3: 1.0})
    whole = zeros_of(forms)
    attempt, kinds, asked, tried = homotopy._attempt, homotopy.kinds, [], []

    def lossy(some, sources, first_error, scale):
        tried.append(len(some))
        z, steps = attempt(some, sources, first_error, scale)
        if len(tried) < 3:
            z[-1, 1], steps[-1, 1] = np.nan, -1
            z[-1, 0] = z[-1, 2]  # and one that comes twice
        return z, steps

    def seen(some, sources):
        asked.append((len(some), [source.random() for source in sources]))
        return kinds(some, sources)

    monkeypatch.setattr(homotopy, "_attempt", lossy)
    monkeypatch.setattr(homotopy, "kinds", seen)
    found = zeros_of(forms)
    assert tried == [3, 1, 1]
    last = np.random.default_rng([2, len(homotopy.ATTEMPTS)]).random()
    assert asked == [(1, [last])]  # from a stream that no attempt draws from
    assert np.isfinite(found.r).all()
    for z, right in zip(found.z, whole.z, strict=True):
        gaps = np.abs(z[:, None, :3] - right[None, :, :3]).max(axis=2)
        mirrored = np.abs(z[:, None, :3] + right[None, :, :3]).max(axis=2)
        assert np.minimum(gaps, mirrored).min(axis=0).max() < 1e-10


def test_a_set_of_points_is_tried_once_and_a_double_point_to_the_end(monkeypatch):
    attempt, tried = homotopy._attempt, []
    monkeypatch.setattr(homotopy, "_attempt", lambda *given: tried.append(1) or attempt(*given))
    sphere = Forms(layout(2, (4,)), np.array([[1.0, 0.0, 1 / 3, 0.0, 1.0]]))  # |x|^4
    assert zeros_of(sphere).kind.tolist() == [CURVE]
    assert len(tried) == 1
    double = Forms(layout(2, (3,)), np.array([[1.0, 0.0, 0.5, 0.0]]))
    found = zeros_of(double)
    assert len(tried) == 1 + len(homotopy.ATTEMPTS)
    assert np.isfinite(found.r).sum() < found.r.size
    assert np.isnan(found.z[~np.isfinite(found.r)]).all()
    assert not found.real[~np.isfinite(found.r)].any()
