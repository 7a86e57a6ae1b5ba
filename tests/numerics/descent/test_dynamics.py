"""Langevin dynamics, annealing and descents by parts, written out from the streams that are named."""

import numpy as np
import pytest

from numerics import InputError, descend, stream
from numerics.core.backend import namespace
from numerics.core.streams import key_of
from numerics.descent import gradient, langevin, methods
from numerics.descent.loop import to_convergence
from numerics.descent.methods import METHODS, RECIPES, Disorders, descend_each, descend_one
from numerics.descent.protocol import Rule
from numerics.descent.settings import Settings, checked
from numerics.descent.sgd import draw_parts, total
from numerics.pspin.couplings import batched, draw, from_tensors, random_point
from numerics.pspin.hamiltonian import energy, energy_slope

P3, N, STARTS, SOURCE = {3: 1.0}, 8, 3, stream(4, "dynamics")


def normalised(s):
    return s * (s.shape[1] ** 0.5 / np.linalg.norm(s, axis=1, keepdims=True))


def by_hand(disorder, temperatures, length):
    """Energies before every step and at the end, and where that is."""
    c = draw(SOURCE.generator(disorder, 0), N, P3)
    s = random_point(SOURCE.generator(disorder, 1), N, STARTS)
    key, energies = key_of(SOURCE.generator(disorder, 2)), []
    for k, heat in enumerate(temperatures):
        values, slope = energy_slope(c, s)
        energies.append(values / N)
        noise = langevin.normals(namespace(), key, k, (STARTS, N))
        noise = noise - (noise * s).sum(axis=1, keepdims=True) / N * s
        s = normalised(s - length * slope + (2 * heat * length) ** 0.5 * noise)
    return np.array([*energies, energy(c, s) / N]).T, s, c


def test_langevin_dynamics_are_steps_by_the_noise_of_their_counters():
    found = descend_one(
        SOURCE, 1, N, P3, STARTS, method="langevin", times=(0.0, 0.055, 0.1), step=0.02,
        temperature=0.3,
    )  # fmt: skip
    energies, s, _ = by_hand(1, [0.3] * 5, 0.02)
    np.testing.assert_allclose(found["path"], energies[:, [0, 3, 5]], atol=1e-12)
    np.testing.assert_allclose(found["position"], s, atol=1e-12)
    assert (found["steps"] == 5).all()


def test_annealing_cools_evenly_to_nothing_and_then_descends():
    options = {"method": "annealing", "times": (0.0, 0.1, 0.2), "step": 0.02, "temperature": 0.8}
    found = descend_one(SOURCE, 0, N, P3, STARTS, **options)
    energies, s, c = by_hand(0, [0.8 * (1 - k / 10) for k in range(10)], 0.02)
    np.testing.assert_allclose(found["path"], energies[:, [0, 5, 10]], atol=1e-12)
    rule = Rule(gradient.default_step(P3))
    end = to_convergence(gradient.method(c, rule), s, rule)
    assert (found["steps"] == 10 + end["steps"]).all()
    np.testing.assert_allclose(found["energies"], end["energies"], atol=1e-9)


def test_a_kick_has_the_size_of_its_temperature():
    """Without couplings a step of noise w turns a start by the angle of tangent sqrt(2 T length/n) w."""
    c = from_tensors({2: np.zeros((4, 4))}, {2: 1.0})
    s = 2 * np.eye(4)[:2]
    after, info = langevin.step(
        c, gradient.init(c, s, 0.02), 0.7, np.array([[9.0, 3, 0, 0], [0, 9, 0, 4]])
    )
    lean = (2 * 0.7 * 0.02) ** 0.5 * np.array([3, 4]) / 2
    np.testing.assert_allclose(after.position[0, 1] / after.position[0, 0], lean[0])
    np.testing.assert_allclose(after.position[1, 3] / after.position[1, 1], lean[1])
    np.testing.assert_allclose((after.position**2).sum(axis=1), 4)
    assert info.accepted.all()


@pytest.mark.parametrize(
    ("time", "length", "steps"), [(1.0, 0.3, 3), (0.1, 0.3, 1), (0.0, 0.3, 1), (2.0, 0.5, 4)]
)
def test_steps_until_a_time_are_whole_and_one_at_least(time, length, steps):
    assert langevin.steps_until(time, length) == steps


def test_times_are_rounded_to_whole_steps():
    assert langevin.whole_steps([0.0, 0.24, 0.26, 1.0], 0.25) == [0.0, 0.25, 1.0]
    assert langevin.whole_steps([0.1, 0.6], 0.25) == [0.1, 0.5]  # the first is kept
    assert langevin.whole_steps([0.3, 0.6], 0.25) == [0.25, 0.3, 0.5]
    assert langevin.whole_steps([0.0, 0.1, 0.13], 0.25) == [0.0, 0.25]


def test_the_path_of_a_last_time_between_two_steps_ends_with_the_last_step():
    found = descend_one(
        SOURCE, 1, N, P3, STARTS, method="langevin", times=(0.0, 0.05), step=0.2, temperature=0.3
    )
    energies, _, _ = by_hand(1, [0.3], 0.2)
    np.testing.assert_allclose(found["path"], energies[:, [0, 0]], atol=1e-12)
    assert (found["steps"] == 1).all()


def test_a_descent_by_parts_takes_them_in_turn_with_the_published_lengths():
    """The k-th step, from 1, of length 0.3/(1 + 0.0015 k); 500 rounds."""
    s = checked(Settings(N, P3, STARTS, method="published-sgd", parts=3))
    recipe = RECIPES["published-sgd"]
    parts = recipe.parts(s, SOURCE, 2, namespace())
    for k, (ours, theirs) in enumerate(zip(parts, draw_parts(SOURCE, 2, N, P3, 3), strict=True)):
        alone = draw(SOURCE.generator(2, 0, k), N, {3: 1 / 3})
        assert (ours.terms[0][1] == alone.terms[0][1]).all()
        assert (theirs.terms[0][1] == alone.terms[0][1]).all()
    method = recipe.first(s, Disorders(SOURCE, [2], parts, total(parts)))
    assert method.max_steps == 1500
    at = random_point(SOURCE.generator(2, 1), N, STARTS)
    state = method.init(at)
    for k in range(1, 9):
        at = normalised(at - 0.3 / (1 + 0.0015 * k) * energy_slope(parts[(k - 1) % 3], at)[1])
        state, _ = method.step(state, k - 1)
        np.testing.assert_allclose(state.position, at, atol=1e-12)
    assert total(parts[:1]) is parts[0]


def test_the_published_rule_is_a_length_and_a_gradient():
    for method in ("published-gd", "published-sgd"):
        rule = RECIPES[method].rule(checked(Settings(25, P3, 1, method=method, max_steps=7)))
        assert (rule.length, rule.tolerance, rule.max_steps) == (0.2, 0.01 / 5, 7)


def test_what_is_known_of_a_start_is_by_the_streams_that_are_named():
    found = descend_one(SOURCE, 3, N, {2: 0.5, 3: 2.0}, STARTS)
    c = draw(SOURCE.generator(3, 0), N, {2: 0.5, 3: 2.0})
    s = random_point(SOURCE.generator(3, 1), N, STARTS)
    values, slope = energy_slope(c, s)
    np.testing.assert_allclose(found["start"], s)
    np.testing.assert_allclose(found["start_energies"], values / N)
    np.testing.assert_allclose(found["start_gradient_norm"], np.linalg.norm(slope, axis=1) / N**0.5)
    one = energy(c, np.ones((1, N)))[0]
    np.testing.assert_allclose(found["reference"], np.full(STARTS, one / N**0.5))


def test_the_default_step_is_a_little_below_the_limit_of_stability():
    """2 over the upper edge of [0, 4 sqrt(xi'')], of which 1.7 are taken; else as long as is said."""
    for coefficients, bend in ((P3, 6.0), ({2: 0.5, 4: 0.25}, 4.0)):
        assert gradient.default_step(coefficients) == pytest.approx(1.7 / (4 * bend**0.5))
        plain = RECIPES["gd"].rule(checked(Settings(9, coefficients, 1, tolerance=0.1, step=0.3)))
        assert (plain.length, plain.tolerance, plain.max_steps) == (0.3, 0.1, 20000)
        # That of annealing is of the dynamics before.
        rule = RECIPES["annealing"].rule(checked(Settings(9, coefficients, 1, step=0.3)))
        assert rule.length == gradient.default_step(coefficients)


def test_dynamics_of_which_nothing_is_said():
    """A step of 0.01; langevin at T = 0.5, annealing from T = 1; ten parts."""
    same = {"times": (0.0, 0.1), "starts": 2}
    for method, temperature in (("langevin", 0.5), ("annealing", 1.0)):
        plain = descend(6, p=3, method=method, **same)
        said = descend(6, p=3, method=method, temperature=temperature, step=0.01, **same)
        assert (plain.path == said.path).all()
        assert plain.path.shape == (1, 2, 2)
        assert (plain.path[..., 1] != plain.path[..., 0]).all()


def test_dynamics_that_come_to_rest_within_the_tolerance_have_converged():
    options = {"method": "flow", "times": (0.0, 3.0)}
    norm = descend_one(SOURCE, 0, N, P3, STARTS, **options)["gradient_norm"]
    found = descend_one(SOURCE, 0, N, P3, STARTS, np.median(norm), **options)["status"]
    assert (found == np.where(norm <= np.median(norm), "converged", "finished")).all()
    assert set(found.tolist()) == {"converged", "finished"}


def test_several_disorders_at_the_default_tolerance_are_one_after_the_other():
    each = descend_each(SOURCE, [2, 0], N, P3, STARTS)
    for number, found in zip((2, 0), each, strict=True):
        one = descend_one(SOURCE, number, N, P3, STARTS, 1e-6)
        assert (one["gradient_norm"] == found["gradient_norm"]).all()
        assert (one["energies"] == found["energies"]).all()
    parts = methods._split(np.arange(12).reshape(6, 2), 3)
    assert [part[:, 0].tolist() for part in parts] == [[0, 2], [4, 6], [8, 10]]


@pytest.mark.parametrize("method", METHODS)
def test_no_bit_depends_on_which_disorders_the_host_takes_together(monkeypatch, method):
    options = {"method": method, "times": (0.0, 0.2), "temperature": 0.5, "parts": 3}
    together = []
    own = methods._together
    monkeypatch.setattr(
        methods, "_together", lambda *args: together.append(len(args[2])) or own(*args)
    )
    each = descend_each(SOURCE, range(5), N, P3, STARTS, **options)
    assert together == [5]
    for number, found in enumerate(each):
        one = descend_one(SOURCE, number, N, P3, STARTS, **options)
        for name, values in one.items():
            np.testing.assert_array_equal(found[name], values)
    assert together == [5, 1, 1, 1, 1, 1]


def test_the_host_takes_so_many_disorders_as_its_cache_holds():
    def width(n, starts, **options):
        return methods._at_once(checked(Settings(n, P3, starts, **options)), namespace())

    assert width(10, 128) == 12  # 2^14 spins
    assert 2 < width(60, 4) < 30  # 32 MiB of couplings
    assert width(400, 1) == width(20, 4, place="streamed") == width(60, 4, memory=2**16) == 1
    assert width(9, 10**6) == 1


def test_given_couplings_are_of_as_many_disorders_as_are_asked_for(monkeypatch):
    each = [draw(SOURCE.generator(number, 0), N, P3) for number in range(3)]
    for width in (1, 2, 3):
        monkeypatch.setattr(methods, "_at_once", lambda *_, width=width: width)
        settings = checked(Settings(N, P3, STARTS, given=batched(each)))
        found = methods.descend_with(settings, SOURCE, range(3))
        drawn = methods.descend_with(checked(Settings(N, P3, STARTS)), SOURCE, range(3))
        for one, other in zip(found, drawn, strict=True):
            assert (one["energies"] == other["energies"]).all()


@pytest.mark.parametrize(("fits", "widths"), [(2, [4, 2, 2, 1]), (1, [4, 2, 1, 1, 1, 1, 1])])
def test_disorders_that_do_not_fit_are_taken_by_halves(monkeypatch, fits, widths):
    asked = []

    def together(settings, source, some, xp):
        asked.append(len(some))
        if len(some) > fits:
            raise MemoryError
        return [{"number": number} for number in some]

    monkeypatch.setattr(methods, "_together", together)
    monkeypatch.setattr(methods, "_at_once", lambda *_: 4)
    monkeypatch.setattr(methods, "is_out_of_memory", lambda e: isinstance(e, MemoryError))
    settings = checked(Settings(N, P3, 1))
    found = methods.descend_with(settings, SOURCE, range(5))
    assert [one["number"] for one in found] == list(range(5))
    assert asked == widths
    fits = 0
    with pytest.raises(InputError, match="memory: got"):
        methods.descend_with(settings, SOURCE, range(5))
