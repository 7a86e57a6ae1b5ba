"""The census against eigenvectors, exact polynomials, other solvers, and instances built to be bad."""

import flint
import numpy as np
import pytest
from scipy.optimize import minimize

import numerics
from numerics.core.backend import InputError
from numerics.core.mixture import disorder_stream
from numerics.core.streams import stream
from numerics.critical import disconnectivity, enumeration, homotopy, kantorovich
from numerics.critical.polynomials import Forms, draw_forms, layout
from numerics.pspin import hamiltonian, multisets
from numerics.pspin.couplings import random_point

MODELS = [(2, {3: 1.0}), (4, {3: 1.0}), (3, {4: 1.0}), (3, {2: 0.3, 3: 0.5, 5: 0.2})]


def generators(seed, count):
    return [np.random.default_rng([seed, i]) for i in range(count)]


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_forms_are_the_disorder_that_couplings_draw(n, coefficients):
    forms = draw_forms(generators(1, 1), n, coefficients)
    couplings = hamiltonian.draw(*generators(1, 1), n, coefficients)
    s = random_point(np.random.default_rng(2), n, 3)
    energy, gradient = hamiltonian.energy_gradient(couplings, s)
    x = s / np.sqrt(n)
    at = kantorovich.evaluate(forms, np.concatenate([x, np.zeros((3, 1))], axis=1)[None])
    assert np.allclose(at.level[0] * np.sqrt(n), energy, rtol=1e-13)
    assert np.allclose(at.value[0, :, :n], gradient, rtol=1e-12)
    assert np.allclose(at.jacobian[0, :, :n, :n] / np.sqrt(n), hamiltonian.hessian(couplings, s))


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_every_point_is_critical_with_that_index_and_energy(n, coefficients):
    source = stream(3, "census")
    found = enumeration.census_part(source, 0, 4, n, coefficients)
    assert set(found.status) == {"complete"}
    assert found.morse().all()
    assert (found.found == found.possible).all()
    for i in range(4):
        couplings = hamiltonian.draw(source.generator(i, 0), n, coefficients)
        mine = found.instance == i
        s = found.position[mine]
        assert np.allclose((s**2).sum(axis=1), n, rtol=1e-12)
        assert np.abs(hamiltonian.riemannian_gradient(couplings, s)).max() < 1e-10
        assert np.allclose(hamiltonian.energy(couplings, s) / n, found.energy[mine], atol=1e-12)
        eigenvalues = hamiltonian.riemannian_hessian_eigenvalues(couplings, s)
        assert ((eigenvalues < 0).sum(axis=1) == found.index[mine]).all()
        assert (np.diff(found.energy[mine]) >= 0).all()
        assert (np.bincount(found.index[mine], minlength=n) == found.counts[i]).all()


def test_p2_finds_the_eigenvectors():
    source = stream(4, "census")
    found = enumeration.census_part(source, 0, 3, 5, {2: 1.0})
    for i in range(3):
        t = draw_forms([source.generator(i, 0)], 5, {2: 1.0}).t[0]
        matrix = t[multisets.rank(np.sort(np.indices((5, 5)).reshape(2, -1).T, axis=1))]
        values = np.linalg.eigvalsh(matrix.reshape(5, 5)) / np.sqrt(5)
        assert np.allclose(found.energy[found.instance == i], np.repeat(values, 2), atol=1e-13)
        assert (found.index[found.instance == i] == np.repeat(np.arange(5), 2)).all()


def exact_count(t, p):
    """Number of critical points of sum_k C(p, k) t_k x^(p-k) y^k on the circle, by exact isolation."""
    # Along x = 1: x dh/dy - y dh/dx, a polynomial in y whose real roots are half of them.
    coefficients = [flint.fmpq(0)] * (p + 1)
    for k in range(p + 1):
        c = flint.fmpq(*float(t[k]).as_integer_ratio()) * int(flint.fmpz(p).bin_uiui(p, k))
        if k:
            coefficients[k - 1] += c * k
        if k < p:
            coefficients[k + 1] -= c * (p - k)
    numerator = flint.fmpq_poly(coefficients).numer()
    roots = numerator.complex_roots()
    assert all(multiplicity == 1 for _, multiplicity in roots)
    return 2 * sum(root.imag.is_zero() for root, _ in roots)


@pytest.mark.parametrize("p", [3, 4, 5])
def test_two_spins_against_exact_root_isolation(p):
    source = stream(5, "census")
    found = enumeration.census_part(source, 0, 40, 2, {p: 1.0})
    forms = draw_forms([source.generator(i, 0) for i in range(40)], 2, {p: 1.0})
    exact = [exact_count(t, p) for t in forms.t]
    assert found.counts.sum(axis=1).tolist() == exact
    assert (found.counts[:, 0] == found.counts[:, 1]).all()
    assert len(set(exact)) > 1  # the numbers differ from instance to instance


def test_every_minimum_that_another_solver_finds_is_in_the_census():
    n, source = 5, stream(6, "census")
    found = enumeration.census_part(source, 0, 2, n, {3: 1.0})
    for i in range(2):
        couplings = hamiltonian.draw(source.generator(i, 0), n, {3: 1.0})

        def energy(x, c=couplings):  # extended to all of space by x -> s = sqrt(n) x/|x|
            scale = np.sqrt(n) / np.linalg.norm(x)
            s = scale * x[None]
            gradient = scale * hamiltonian.riemannian_gradient(c, s)[0]
            return float(hamiltonian.energy(c, s)[0]) / n, gradient / n

        starts = random_point(np.random.default_rng(i), n, 30)
        ends = set()
        for s in starts:
            x = minimize(energy, s, jac=True, tol=1e-12).x
            u, gradient = energy(x)
            if np.linalg.norm(gradient) * np.linalg.norm(x) < 1e-6:  # else it gave up
                ends.add(round(u, 6))
        assert len(ends) > 2
        minima = found.energy[(found.instance == i) & (found.index == 0)]
        assert ends == {round(float(u), 6) for u in minima}


def test_index_symmetries():
    odd = numerics.census(4, p=3, samples=20)
    assert (odd.counts == odd.counts[:, ::-1]).all()
    even = numerics.census(3, p=4, samples=20)
    assert (even.counts % 2 == 0).all()
    assert not (even.counts == even.counts[:, ::-1]).all()


@pytest.mark.parametrize(("n", "d"), [(2, 3), (4, 3), (3, 4), (3, 5), (4, 6), (3, 2)])
def test_start_points_are_as_many_as_there_can_be_and_solve_the_start_system(n, d):
    rng = np.random.default_rng(0)
    c = np.exp(2j * np.pi * rng.random((2, n)))
    z = homotopy.start(c, d, both=False)
    assert z.shape[1] == homotopy.solutions(n, d)
    x, mu = z[..., :n], z[..., n:]
    assert np.allclose(c[:, None, :] * x ** (d - 1), mu * x)
    assert np.allclose((x * x).sum(axis=-1), 1)
    distance = np.abs(x[0][:, None] - x[0][None]).max(axis=-1)
    mirrored = np.abs(x[0][:, None] + x[0][None]).max(axis=-1)
    assert np.minimum(distance, mirrored)[np.triu_indices(z.shape[1], 1)].min() > 1e-3


def test_the_ball_holds_the_true_point_and_no_radius_is_given_beside_it():
    """p = 2 has its zeros in closed form: every ball proved about a point nearby contains one."""
    forms = Forms(layout(3, (2,)), np.array([[1.0, 0.5, 2.0, 0.25, -0.5, 3.0]]))
    exact = flint.arb_mat(3, 3, [1, 0.5, 0.25, 0.5, 2, -0.5, 0.25, -0.5, 3])
    matrix = np.array([[float(exact[i, j]) for j in range(3)] for i in range(3)])
    values, vectors = np.linalg.eigh(matrix)
    true = np.concatenate([vectors.T, 2 * values[:, None]], axis=1)
    rng = np.random.default_rng(0)
    for size in (0.0, 1e-12, 1e-6, 1e-4, 0.3):
        z = (true + size * rng.standard_normal((50, 3, 4))).reshape(1, -1, 4)
        r = kantorovich.radius(forms, z.astype(complex))[0].reshape(50, 3)
        distance = np.abs(z.reshape(50, 3, 4) - true)[..., :3].max(axis=-1)
        proved = np.isfinite(r)
        assert (r >= distance - 1e-15)[proved].all()
        assert proved.all() == (size <= 1e-4)
    assert np.isinf(kantorovich.radius(forms, np.full((1, 1, 4), 0.5 + 0j))).all()


def test_radius_bounds_the_error_of_the_residual():
    """Polishing in 200 bits moves a point by less than its radius."""
    forms = draw_forms(generators(7, 3), 4, {3: 1.0})
    zeros = homotopy.zeros(forms, lambda i, a: np.random.default_rng([i, a]))
    flint.ctx.prec, before = 200, flint.ctx.prec
    try:
        tuples = np.indices((4, 4, 4)).reshape(3, -1).T
        for i in range(3):
            t = forms.t[i][multisets.rank(np.sort(tuples, axis=1))]
            for k in range(15):
                z = [flint.acb(c.real, c.imag) for c in zeros.z[i, k]]
                for _ in range(3):
                    z = exact_newton(t, tuples, z)
                error = max(
                    float(abs(z[j] - flint.acb(zeros.z[i, k, j].real, zeros.z[i, k, j].imag)))
                    for j in range(4)
                )
                assert error <= zeros.r[i, k] < 1e4 * error + 1e-12
    finally:
        flint.ctx.prec = before


def exact_newton(t, tuples, z):
    n = len(z) - 1
    value = flint.acb_mat(n + 1, 1)
    jacobian = flint.acb_mat(n + 1, n + 1)
    for entry, (a, b, c) in zip(t, tuples.tolist(), strict=True):
        value[a, 0] += 3 * flint.arb(float(entry)) * z[b] * z[c]
        jacobian[a, b] += 6 * flint.arb(float(entry)) * z[c]
    for j in range(n):
        value[j, 0] -= z[n] * z[j]
        jacobian[j, j] -= z[n]
        jacobian[j, n] = jacobian[n, j] = -z[j]
    value[n, 0] = (1 - sum(z[j] * z[j] for j in range(n))) / 2
    step = jacobian.solve(value)
    return [(z[j] - step[j, 0]).mid() for j in range(n + 1)]


def two_spins(coefficients):
    """h = a x^3 + b x y^2 on the circle, one instance each."""
    return Forms(layout(2, (3,)), np.array([[a, 0.0, b / 3, 0.0] for a, b in coefficients]))


def test_a_degenerate_point_is_unresolved_and_its_neighbours_are_not():
    # cos^3 + b cos sin^2 has second derivative 2 b - 3 at 0; for b > 3/2 it splits off two more.
    found = enumeration.census_of(two_spins([(1.0, 1.5), (1.0, 1.4), (1.0, 1.6)]), stream(0, "x"))
    assert found.status[0] != "complete"
    assert found.unresolved == 1
    assert found.status[1:].tolist() == ["complete", "complete"]
    assert found.counts[1:].sum(axis=1).tolist() == [2, 6]


def test_nearly_degenerate_instances_are_right_or_unresolved():
    gaps = [s * 10.0**-e for e in range(2, 15) for s in (-1, 1)]
    found = enumeration.census_of(two_spins([(1.0, 1.5 + gap) for gap in gaps]), stream(0, "x"))
    for gap, status, counts in zip(gaps, found.status, found.counts, strict=True):
        if status == "complete":
            assert counts.sum() == (2 if gap < 0 else 6)
    assert set(found.status[:8]) == {"complete"}  # down to 1e-5
    assert found.unresolved > 0  # at 1e-14 nobody can tell in float64


def test_a_constant_is_unresolved():
    t = np.zeros((1, 5))
    t[0, [0, 4]], t[0, 2] = 1.0, 1 / 3  # (x^2 + y^2)^2
    found = enumeration.census_of(Forms(layout(2, (4,)), t), stream(0, "x"))
    assert found.unresolved == 1


def test_a_lost_path_is_tracked_again_and_said_if_it_stays_lost(monkeypatch):
    whole = numerics.census(3, p=3, samples=5)
    attempt, calls = homotopy._attempt, []

    def lossy(forms, sources, first_error, scale):
        calls.append(len(forms))
        z, steps = attempt(forms, sources, first_error, scale)
        if keep_losing or len(calls) == 1:
            z[0, 0], steps[0, 0] = np.nan, -1
        return z, steps

    monkeypatch.setattr(homotopy, "_attempt", lossy)
    keep_losing = False
    assert (numerics.census(3, p=3, samples=5).counts == whole.counts).all()
    assert calls == [5, 1]
    keep_losing = True
    assert set(numerics.census(3, p=3, samples=5).status[1:]) == {"complete"}


def test_too_small_a_budget_is_a_status(monkeypatch):
    attempt = homotopy._attempt

    def none(forms, sources, first_error, scale):
        z, steps = attempt(forms, sources, first_error, scale)
        return np.full_like(z, np.nan), np.full_like(steps, -2)

    monkeypatch.setattr(homotopy, "_attempt", none)
    found = numerics.census(3, p=3, samples=2)
    assert found.status.tolist() == ["budget", "budget"]
    assert found.counts.sum() == 0


def test_chunks_and_streams():
    source = disorder_stream(3, {3: 1.0}, 1)
    whole = numerics.census(3, p=3, samples=enumeration.CHUNK + 3, seed=1)
    parts = [enumeration.census_part(source, c, enumeration.CHUNK + 3, 3, {3: 1.0}) for c in (1, 0)]
    assert (enumeration.join(parts[::-1]).position == whole.position).all()
    assert (numerics.census(3, p=3, samples=3, seed=1).counts == whole.counts[:3]).all()
    assert not (numerics.census(3, p=3, samples=3, seed=2).counts == whole.counts[:3]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1, "p": 3}, "n: got"),
        ({"n": 3}, "p: got"),
        ({"n": 3, "p": 3, "coefficients": {3: 1.0}}, "p: got"),
        ({"n": 3, "p": 1}, "p: got"),
        ({"n": 40, "p": 3}, "n: got"),
        ({"n": 10**9, "p": 10**9}, "n: got"),
        ({"n": 3, "p": 3, "samples": 0}, "samples: got"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        numerics.census(**arguments)


def test_basins_join_at_the_lowest_saddle_between_them():
    # On a circle minima and saddles alternate: a ring of wells, joined pass by pass.
    heights = np.array([0.5, -0.5, 0.1, 0.9])
    pairs = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
    joins = disconnectivity.join_basins(4, heights, pairs)
    assert joins == ((-0.5, 1, 2), (0.1, 1, 3), (0.5, 0, 1))
    assert disconnectivity.join_basins(2, np.array([0.0]), np.array([[0, -1]])) == ()


def test_the_graph_of_an_instance_joins_all_minima_above_both():
    source = disorder_stream(5, {3: 1.0}, 3)
    found = enumeration.census_part(source, 0, 3, 5, {3: 1.0})
    for i in range(3):
        couplings = hamiltonian.draw(source.generator(i, 0), 5, {3: 1.0})
        tree = disconnectivity.graph(couplings, found, i)
        assert tree.lost == 0
        assert len(tree.minima) == found.counts[i, 0]
        assert len(tree.joins) == len(tree.minima) - 1
        heights = [height for height, _, _ in tree.joins]
        assert heights == sorted(heights)
        assert all(h > tree.minima[b] >= tree.minima[a] for h, a, b in tree.joins)
        saddles = found.energy[(found.instance == i) & (found.index == 1)]
        assert set(heights) <= set(saddles.tolist())


@pytest.mark.parametrize(
    ("n", "coefficients", "possible"),
    [(7, {3: 1.0}, 127), (5, {4: 1.0}, 121), (4, dict.fromkeys(range(2, 7), 0.2), 312)],
)
def test_the_largest_models_promised_are_complete(n, coefficients, possible):
    found = numerics.census(n, coefficients=coefficients, samples=3)
    assert found.possible == possible
    assert set(found.status) == {"complete"}
    assert found.morse().all()
