import numpy as np
import pytest

from numerics import InputError, descend, stream
from numerics.core.backend import to_numpy
from numerics.descent import conjugate_gradient, gradient, newton
from numerics.descent.ends import with_hessians
from numerics.descent.gradient import default_step, init, step
from numerics.descent.loop import to_convergence
from numerics.descent.methods import descend_one
from numerics.descent.newton import polish
from numerics.descent.protocol import Rule
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import Couplings, random_point

GROUP = 16  # a vector of float64, or a few of them, on any processor

P3 = {3: 1.0}


def setting(n=12, starts=6, coefficients=None, seed=0, **kwargs):
    c = h.draw(np.random.default_rng(seed), n, coefficients or P3, **kwargs)
    return c, random_point(np.random.default_rng(seed + 1), n, starts)


def run(c, s, length, tolerance=1e-6, method=gradient.method, spectra=False):
    rule = Rule(length, tolerance)
    with np.errstate(over="ignore", invalid="ignore"):
        return with_hessians(c, to_convergence(method(c, rule), s, rule), spectra)


@pytest.mark.parametrize("length", [0.05, 0.1735, 5.0])
def test_energy_never_rises_and_the_sphere_is_kept(length):
    c, s = setting()
    state, taken = init(c, s, length), []
    for _ in range(200):
        after, info = step(c, state)
        assert (after.energy <= state.energy + 1e-12 * abs(state.energy)).all()
        assert (after.length == np.where(info.accepted, 1.0, 0.7) * state.length).all()
        np.testing.assert_allclose((after.position**2).sum(axis=1), 12)
        np.testing.assert_allclose(
            info.gradient_norm * 12**0.5,
            np.linalg.norm(h.riemannian_gradient(c, after.position), axis=1),
            atol=1e-12,
        )
        taken.append(info.accepted)
        state = after
    assert np.mean(taken) > 0.8
    # Uphill is seen: the same step with the sign turned raises every energy.
    down = init(c, s, 0.05)
    up = down.position + 0.05 * down.gradient
    up *= 12**0.5 / np.linalg.norm(up, axis=1, keepdims=True)
    assert (h.energy(c, up) > down.energy).all()


def test_small_steps_follow_the_gradient_flow_of_a_quadratic_form():
    """At p = 2 the flow is solved: sigma(t) is exp(-t A) sigma(0), normalised."""
    c, s = setting(coefficients={2: 1.0})
    values, vectors = np.linalg.eigh(c.terms[0][1])
    errors = []
    for count in (400, 800):
        state = init(c, s, 2.0 / count)
        for _ in range(count):
            state, _ = step(c, state)
        exact = (s @ vectors) * np.exp(-2.0 * values) @ vectors.T
        exact *= 12**0.5 / np.linalg.norm(exact, axis=1, keepdims=True)
        errors.append(abs(state.position - exact).max())
    assert errors[0] < 0.05
    assert errors[1] < 0.6 * errors[0]  # first order; twice the time would be off by order 1


@pytest.mark.parametrize("coefficients", [P3, {4: 1.0}, {2: 0.5, 4: 0.5}])
@pytest.mark.parametrize("method", ["gd", "gd+newton"])
def test_ends_are_minima(method, coefficients):
    end = descend(15, coefficients=coefficients, disorders=3, starts=5, method=method)
    assert (end.status == "converged").all()
    assert (end.gradient_norm <= 1e-6).all()
    assert (end.index == 0).all()
    assert (end.lowest_eigenvalue > 0).all()
    assert end.energies.shape == (3, 5)
    # A few steps do not end there.
    short = descend(15, coefficients=coefficients, disorders=3, starts=5, max_steps=2)
    assert (short.status == "max_steps").all()
    assert (short.steps == 2).all()
    assert (short.gradient_norm > 1e-3).all()
    assert (short.energies > end.energies).all()
    assert (short.index > 0).any()


def test_a_quadratic_form_descends_to_its_lowest_eigenvalue():
    c, s = setting(n=10, coefficients={2: 1.0}, seed=4)
    end = run(c, s, default_step({2: 1.0}))
    values = np.linalg.eigvalsh(c.terms[0][1])
    np.testing.assert_allclose(end["energies"], values[0] / 2, atol=1e-9)
    assert abs(end["energies"] - values[1] / 2).min() > 1e-3
    np.testing.assert_allclose(end["lowest_eigenvalue"], values[1] - values[0], atol=1e-5)


def test_newton_ends_in_the_same_minimum():
    for disorder in range(4):
        plain, quick = (
            descend_one(stream(3), disorder, 30, P3, 10, 1e-8, method=m)
            for m in ("gd", "gd+newton")
        )
        np.testing.assert_allclose(plain["energies"], quick["energies"], atol=1e-12)
        assert quick["steps"].sum() < plain["steps"].sum()
        # Different starts do end apart, so this could have failed.
        assert np.ptp(plain["energies"]) > 1e-3


@pytest.mark.parametrize("method", [gradient.method, newton.method, conjugate_gradient.method])
def test_no_bit_of_a_start_depends_on_its_batch(method):
    c, s = setting(n=20, starts=GROUP + 5)
    together = run(c, s, 0.1735, method=method, spectra=True)
    assert np.unique(together["steps"]).size > 3
    for rows in ([0], [GROUP + 1], [7, 2, 4]):
        alone = run(c, s[rows], 0.1735, method=method, spectra=True)
        for name, value in alone.items():
            assert (value == together[name][rows]).all(), name


def test_a_disorder_does_not_depend_on_the_others():
    both = descend(10, p=3, disorders=2, starts=3, seed=1)
    words = (1, "descend", 10, "3:1.0")
    for i in (1, 0):
        one = descend_one(stream(*words), i, 10, P3, 3)
        assert (one["energies"] == both.energies[i]).all()
    assert (both.energies[0] != both.energies[1]).all()
    assert (descend(10, p=3, starts=3, seed=2).energies[0] != both.energies[0]).all()


def test_spectra_come_if_asked_for():
    one = descend_one(stream(5), 0, 9, P3, 4, spectra=True)
    assert one["eigenvalues"].shape == (4, 8)
    assert (one["eigenvalues"][:, 0] == one["lowest_eigenvalue"]).all()
    assert (np.diff(one["eigenvalues"], axis=1) >= 0).all()
    assert "eigenvalues" not in descend_one(stream(5), 0, 9, P3, 4)


@pytest.mark.parametrize("method", [gradient.method, newton.method])
def test_a_start_that_diverges_says_so_and_leaves_the_others_alone(method):
    c, s = setting()
    broken = s.copy()
    broken[2, 0] = np.nan
    end = run(c, broken, 0.1735, method=method)
    assert end["status"].tolist() == ["converged"] * 2 + ["diverged"] + ["converged"] * 3
    assert end["index"].tolist() == [0, 0, -1, 0, 0, 0]
    assert np.isnan(end["lowest_eigenvalue"]).tolist() == [i == 2 for i in range(6)]
    sound = run(c, s, 0.1735, method=method)
    others = [0, 1, 3, 4, 5]
    assert (end["energies"][others] == sound["energies"][others]).all()
    # Couplings near the end of single precision overflow in the energy.
    huge = Couplings(12, ((3, (c.terms[0][1] * 1e38).astype(np.float32)),))
    assert (run(huge, s.astype(np.float32), 1e-39, method=method)["status"] == "diverged").all()
    # Nothing diverges at an absurd step: it is shortened until the energy falls.
    assert (run(c, s, 1e4)["status"] == "converged").all()


@pytest.mark.parametrize("method", [gradient.method, newton.method])
def test_every_namespace_descends(xp, method):
    c, s = setting(n=8, starts=3, xp=xp)
    end = run(c, xp.asarray(s), 0.1735, method=method)
    reference = run(setting(n=8, starts=3)[0], s, 0.1735, method=method)
    np.testing.assert_allclose(end["energies"], reference["energies"], atol=1e-10)
    assert (end["status"] == "converged").all()
    assert isinstance(to_numpy(end["energies"]), np.ndarray)


def test_single_precision():
    single, double = (
        descend(20, p=3, starts=5, tolerance=1e-4, dtype=t) for t in ("float32", "float64")
    )
    assert (single.status == "converged").all()
    np.testing.assert_allclose(single.energies, double.energies, atol=1e-5)


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 1},
        {"n": 2.5},
        {"p": None},
        {"p": 1},
        {"coefficients": {3: 1.0}},
        {"disorders": 0},
        {"starts": 0},
        {"method": "newton"},
        {"tolerance": 0.0},
        {"tolerance": float("nan")},
        {"max_steps": -1},
        {"step": -0.1},
        {"dtype": "float16"},
        {"backend": "jax"},
        {"seed": 0.5},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        descend(**({"n": 3, "p": 3} | bad))


def test_newton_refuses_a_saddle():
    c, _ = setting(n=10, coefficients={2: 1.0}, seed=4)
    _, vectors = np.linalg.eigh(c.terms[0][1])
    nearby = (vectors.T + 1e-3 * np.ones(10)) * 10**0.5
    nearby *= 10**0.5 / np.linalg.norm(nearby, axis=1, keepdims=True)
    rows, ended = polish(c, nearby, 1e-9)
    assert rows.tolist() == [0]
    np.testing.assert_allclose(abs(ended[0] @ vectors[:, 0]), 10**0.5, rtol=1e-12)


def test_newton_is_tried_again_only_where_the_gradient_has_fallen(monkeypatch):
    """Trials of a start that fail, one after the other: at half the gradient or less."""
    c, points = setting(n=80, seed=2)
    norms, rows_tried = [], []

    def fails(c, position, tolerance, rows):
        norms.append(np.linalg.norm(h.riemannian_gradient(c, position), axis=1) / 80**0.5)
        rows_tried.append(rows)
        return rows[:0], position[:0]

    monkeypatch.setattr(newton, "polish", fails)
    rule = Rule(0.17, 1e-6)
    method, state = newton.method(c, rule), newton.method(c, rule).init(points)
    for k in range(600):
        state, _ = method.step(state, k)
    for start in range(6):
        seen = [norm[start] for norm, rows in zip(norms, rows_tried, strict=True) if start in rows]
        assert len(seen) > 1
        assert (np.array(seen[1:]) <= np.array(seen[:-1]) / 2).all()
