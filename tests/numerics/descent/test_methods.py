"""Flow, conjugate gradients, parts, Langevin and annealing: laws, exact cases, statuses."""

import numpy as np
import pytest

from numerics import InputError, descend, stream
from numerics.descent import conjugate_gradient, gradient
from numerics.descent.ends import with_hessians
from numerics.descent.flow import follow
from numerics.descent.flow import init as flow_init
from numerics.descent.flow import step as flow_step
from numerics.descent.loop import to_convergence
from numerics.descent.methods import METHODS, descend_one
from numerics.descent.protocol import Rule
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import random_point

P3 = {3: 1.0}


def setting(n=12, starts=6, coefficients=None, seed=0, **kwargs):
    c = h.draw(np.random.default_rng(seed), n, coefficients or P3, **kwargs)
    return c, random_point(np.random.default_rng(seed + 1), n, starts)


def run(c, s, length, tolerance=1e-6, method=gradient.method, spectra=False):
    rule = Rule(length, tolerance)
    with np.errstate(over="ignore", invalid="ignore"):
        return with_hessians(c, to_convergence(method(c, rule), s, rule), spectra)


def exact_energies(c, s, times):
    """H/n along the flow of a quadratic form: s_x(t) ~ exp(-x t) s_x(0), x the Hessian's eigenvalues."""
    values, vectors = np.linalg.eigh(c.terms[0][1])
    weight = (s @ vectors) ** 2
    out = []
    for t in times:
        w = weight * np.exp(-2 * values * t)
        out.append((w * values).sum(axis=1) / w.sum(axis=1) / 2)
    return np.array(out).T


def test_the_flow_of_a_quadratic_form_is_exact_to_its_tolerance():
    c, s = setting(coefficients={2: 1.0})
    times = [0.0, 0.3, 1.0, 4.0]
    exact = exact_energies(c, s, times)
    for tolerance in (1e-4, 1e-6):
        out = follow(c, s, times, tolerance, 10**4)
        assert (out["status"] == "finished").all()
        assert abs(out["path"] - exact).max() < 20 * tolerance
    # A clock that is off by a tenth is seen.
    assert abs(exact_energies(c, s, [1.1 * t for t in times]) - exact).max() > 1e-2


def test_the_flow_keeps_the_sphere_and_never_rises():
    c, s = setting()
    state = flow_init(c, s)
    for _ in range(60):
        after, info = flow_step(c, state, np.full(6, 3.0), 1e-5)
        assert (after.energy <= state.energy + 1e-9).all()
        np.testing.assert_allclose((after.position**2).sum(axis=1), 12)
        assert (info.accepted == (info.error <= 1e-5)).all()
        state = after
    assert (state.time == 3.0).all()


def test_a_flow_that_cannot_go_on_says_so_and_keeps_the_others():
    c, s = setting()
    broken = s.copy()
    broken[2, 0] = np.nan
    sound = follow(c, s, [0.0, 1.0], 1e-5, 1000)
    with np.errstate(invalid="ignore"):
        out = follow(c, broken, [0.0, 1.0], 1e-5, 1000)
    assert out["status"].tolist() == ["finished"] * 2 + ["diverged"] + ["finished"] * 3
    assert np.isnan(out["path"][2]).all()
    others = [0, 1, 3, 4, 5]
    assert (out["path"][others] == sound["path"][others]).all()
    short = follow(c, s, [0.0, 1.0], 1e-5, 3)
    assert (short["status"] == "max_steps").all()
    assert np.isfinite(short["path"][:, 0]).all()
    assert np.isnan(short["path"][:, 1]).all()


def test_conjugate_gradients_end_in_minima_with_fewer_steps():
    c, s = setting(n=40, starts=20)
    plain = run(c, s, 0.1735, 1e-6)
    quick = run(c, s, 0.1735, 1e-6, method=conjugate_gradient.method)
    for end in (plain, quick):
        assert (end["status"] == "converged").all()
        assert (end["index"] == 0).all()
    assert quick["steps"].mean() < 0.7 * plain["steps"].mean()
    # The lowest level of a quadratic form is the only minimum.
    c, s = setting(coefficients={2: 1.0}, seed=3)
    lowest = np.linalg.eigvalsh(c.terms[0][1])[0] / 2
    np.testing.assert_allclose(
        run(c, s, 0.2, 1e-8, method=conjugate_gradient.method)["energies"], lowest
    )


def test_conjugate_gradients_never_rise():
    c, s = setting()
    state = conjugate_gradient.init(c, s, 5.0)
    for _ in range(80):
        after, _ = conjugate_gradient.step(c, state)
        assert (after.energy <= state.energy + 1e-10).all()
        state = after


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_status_for_every_start(method):
    end = descend(10, p=3, disorders=2, starts=3, method=method, times=(0.0, 0.5), tolerance=1e-4)
    moving = method in ("flow", "langevin")
    assert end.counts == {"finished" if moving else "converged": 6}
    assert (end.path is not None) == (moving or method == "annealing")
    if end.path is not None:
        assert end.path.shape == (2, 3, len(end.times))
        np.testing.assert_allclose(end.path[..., 0].mean(), 0, atol=6 * (1 / 60) ** 0.5)
    if not moving:
        assert (end.index == 0).all()


def test_the_published_rule_stops_at_its_gradient():
    end = descend(20, p=3, starts=8, method="published-gd")
    assert (end.gradient_norm * 20**0.5 <= 0.01).all()
    assert (end.gradient_norm > 1e-5).any()


def test_annealing_goes_lower_than_descents():
    slow = descend(
        16, p=3, disorders=20, starts=4, method="annealing", times=(0.0, 30.0), step=0.02
    )
    quick = descend(16, p=3, disorders=20, starts=4)
    gap = (quick.energies - slow.energies).mean(axis=1)
    assert gap.mean() > 3 * gap.std(ddof=1) / 20**0.5 > 0  # about four


def test_a_start_on_a_saddle_says_so():
    c, _ = setting(n=10, coefficients={2: 1.0}, seed=4)
    _, vectors = np.linalg.eigh(c.terms[0][1])
    end = run(c, vectors.T[:3] * 10**0.5, 0.1)
    assert end["status"].tolist() == ["converged", "saddle", "saddle"]
    assert end["index"].tolist() == [0, 1, 2]
    assert np.isfinite(end["energies"]).all()


def test_numbers_do_not_depend_on_workers():
    one, two = (descend(8, p=3, disorders=3, starts=2, workers=w) for w in (1, 2))
    assert (one.energies == two.energies).all()


def test_noise_does_not_depend_on_the_batch_of_disorders():
    both = descend(8, p=3, disorders=2, starts=2, method="langevin", times=(0.0, 0.2), seed=1)
    words = (1, "descend", 8, "3:1.0")
    options = {"method": "langevin", "times": (0.0, 0.2), "temperature": 0.5}
    alone = descend_one(stream(*words), 1, 8, P3, 2, **options)
    assert (alone["energies"] == both.energies[1]).all()


def test_memory_is_refused_before_it_is_taken():
    with pytest.raises(InputError, match="memory: got"):
        descend(400, p=3, memory=10_000_000, place="stored")


@pytest.mark.parametrize(
    "bad",
    [
        {"times": ()},
        {"times": (0.0,)},
        {"times": (1.0, 0.5)},
        {"times": (-1.0, 0.5)},
        {"times": (0.0, float("nan"))},
        {"temperature": -1.0},
        {"parts": 0},
        {"workers": 0},
        {"memory": 0},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        descend(**({"n": 5, "p": 3} | bad))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_flow_reaches_times_that_single_precision_rounds_down(dtype):
    times = [0.1, 0.3, 0.7, 0.9]
    rounded = [float(np.float32(t)) - t for t in times]
    assert min(rounded) < 0 < max(rounded)
    out = descend_one(
        stream(2), 0, 12, {3: 1.0}, 5, method="flow", times=times, dtype=dtype, max_steps=2000
    )
    assert (out["status"] == "finished").all()
    assert np.isfinite(out["path"]).all()
    assert (out["steps"] < 100).all()


def test_no_bit_of_a_flow_depends_on_its_batch():
    """Starts that are done leave; those that go on longest see all the others go."""
    c, s = setting(n=15, starts=21)
    together = follow(c, s, [0.5, 3.0], 1e-5, 1000)
    assert np.unique(together["steps"]).size > 3
    for rows in ([0], [17, 2], [int(together["steps"].argmax())]):
        alone = follow(c, s[rows], [0.5, 3.0], 1e-5, 1000)
        for name, value in alone.items():
            assert (value == together[name][rows]).all(), name
