"""The loops, the ends and the settings: at which step, by which bound, in which order."""

from dataclasses import replace

import numpy as np
import pytest

from numerics import InputError, descend, stream
from numerics.descent import conjugate_gradient, flow, gradient, loop, many_starts
from numerics.descent.ends import with_hessians
from numerics.descent.loop import _kept, through_times, to_convergence
from numerics.descent.many_starts import work_space
from numerics.descent.protocol import Info, Method, Rule, State, counted
from numerics.descent.settings import Settings, checked
from numerics.descent.sphere import retract
from numerics.pspin.couplings import batched, draw, from_tensors, random_point

P3 = {3: 1.0}


def setting(n=10, starts=5):
    c = draw(np.random.default_rng(0), n, P3)
    return c, random_point(np.random.default_rng(1), n, starts)


def test_a_start_is_done_at_the_first_step_within_the_tolerance():
    c, s = setting()
    rule = Rule(0.17, 1e-3)
    found = to_convergence(gradient.method(c, rule), s, rule)
    for i in range(5):
        state = gradient.init(c, s[i : i + 1], 0.17)
        norms = [np.linalg.norm(state.gradient) / 10**0.5]
        while norms[-1] > 1e-3:
            state, info = gradient.step(c, state)
            norms.append(float(info.gradient_norm[0]))
        assert found["steps"][i] == len(norms) - 1
        assert found["gradient_norm"][i] == norms[-1]
        assert found["energies"][i] == state.energy[0] / 10
    # A tolerance that is met exactly is met; as many steps as there may be are enough.
    most = int(found["steps"][0])
    for steps, tolerance, status in (
        (most, 1e-3, "converged"),
        (most - 1, 1e-3, "max_steps"),
        (most, found["gradient_norm"][0], "converged"),
        (0, 1e-3, "max_steps"),
    ):
        rule = Rule(0.17, tolerance, steps)
        one = to_convergence(gradient.method(c, rule), s[:1], rule)
        assert one["status"].tolist() == [status]
        assert one["steps"].tolist() == [steps]


def test_a_step_that_is_too_short_is_none():
    """Below a billionth of the first; one of just that is a step."""
    rule = Rule(0.5, 1e-6, 0)
    assert rule.shortest == pytest.approx(5e-10, rel=1e-12)
    assert Rule(0.5) == Rule(0.5, 1e-6, 20000)
    length = rule.shortest * np.array([2.0, 1.5, 1.0, 0.99, 0.0, -1.0])
    s = np.ones((6, 3))
    state = State(s, s[:, 0], s, length)
    found = to_convergence(Method(lambda _: state, lambda *_: None), s, rule)
    assert found["status"].tolist() == ["max_steps"] * 3 + ["diverged"] * 3


def test_rows_are_kept_of_every_disorder_alike():
    rng = np.random.default_rng(0)
    for _ in range(50):
        going = rng.random((3, 6)) < 0.4
        there = np.sort(rng.permutation(3)[: rng.integers(1, 4)])
        kept = _kept(going.ravel(), 3, there).reshape(len(there), -1)
        assert kept.shape[1] == going[there].sum(axis=1).max()
        for d, rows in zip(there, kept, strict=True):
            own = [6 * d + i for i in np.flatnonzero(going[d])]
            others = [6 * d + i for i in np.flatnonzero(~going[d])]
            assert rows.tolist() == (own + others)[: len(rows)]


def test_disorders_that_are_done_leave_by_halves():
    drawn = [draw(np.random.default_rng(i), 9, {3: 1.0}) for i in range(5)]
    starts = [random_point(np.random.default_rng(9 + i), 9, replicas=3) for i in range(5)]
    rule, left = Rule(0.1735), []

    def watched(c):
        own = conjugate_gradient.method(c, rule)

        def some(disorders):
            left.append((c.disorders, disorders))
            return watched(c.some(disorders))

        return replace(own, some=some)

    found = to_convergence(watched(batched(drawn)), np.concatenate(starts), rule, 5)
    assert left
    for before, there in left:
        assert len(there) <= before / 2
        assert there == sorted(set(there))
        assert there[-1] < before
    # Each has what it has alone, bit for bit.
    for i, (c, points) in enumerate(zip(drawn, starts, strict=True)):
        alone = to_convergence(conjugate_gradient.method(c, rule), points, rule)
        for name, values in alone.items():
            assert (found[name][3 * i : 3 * i + 3] == values).all(), name


def test_counted_steps_record_their_times_before_the_step():
    """Each step adds one to the energy: what stands at a time is its count of steps."""

    def step(state, k):
        assert k == state.energy[0] / 3
        return replace(state, energy=state.energy + 3), Info(state.energy, state.energy > -1)

    def init(s):
        return State(s, 0 * s[:, 0], 0 * s, s[:, 0])

    state, out = through_times(counted(init, step, 5, [0, 1, 4, 5]), np.ones((2, 3)))
    assert out["path"].tolist() == [[0.0, 1.0, 4.0, 5.0]] * 2
    assert (out["steps"].tolist(), out["status"].tolist()) == ([5, 5], ["finished"] * 2)
    assert state.energy.tolist() == [15.0, 15.0]
    state, out = through_times(counted(init, step, 3), np.ones((2, 3)))
    assert state.energy.tolist() == [9.0, 9.0]
    assert "path" not in out
    assert counted(init, step, 3).dtype == "float64"


def test_a_flat_hessian_has_no_negative_eigenvalue_and_a_flat_energy_does_not_rise():
    c = from_tensors({2: np.zeros((4, 4))}, {2: 1.0})
    s = random_point(np.random.default_rng(0), 4, 3)
    after, info = gradient.step(c, gradient.init(c, s, 0.3))
    assert info.accepted.all()
    assert (after.length == 0.3).all()
    ends = {"position": s, "status": np.full(3, "converged", dtype="<U9")}
    found = with_hessians(c, ends)
    assert found["index"].tolist() == [0, 0, 0]
    assert found["status"].tolist() == ["converged"] * 3


def test_a_point_goes_along_its_direction_or_against_it():
    s, along = np.array([[2.0, 0, 0, 0]]), np.array([[0.0, 2, 0, 0]])
    for sign, said in ((1.0, 1), (-1.0, -1)):
        found = retract(s, along, np.array([1.0]), sign)
        np.testing.assert_allclose(found, [[2**0.5, said * 2**0.5, 0, 0]])
    assert (retract(s, along, np.array([1.0])) == retract(s, along, np.array([1.0]), 1.0)).all()


def test_the_least_that_can_be_asked_for_is_asked_for():
    least = Settings(
        2, P3, 1, tolerance=5e-324, max_steps=0, times=(0.0, 5e-324), temperature=0.0, parts=1,
        memory=1,
    )  # fmt: skip
    assert checked(least) == replace(least, times=[0.0, 5e-324])
    assert checked(replace(least, times=[3])).times == [3.0]
    for bad in (
        {"n": 1},
        {"starts": 0},
        {"max_steps": -1},
        {"temperature": -5e-324},
        {"parts": 0},
        {"memory": 0},
        {"times": (0.5, 0.5)},
        {"times": (-5e-324, 0.5)},
        {"times": (0.0,)},
        {"step": 0.0},
        {"tolerance": 0.0},
    ):
        with pytest.raises(InputError, match=f"^{next(iter(bad))}: got"):
            checked(replace(least, **bad))


def test_a_call_that_says_little_asks_for_one_start_on_one_disorder(monkeypatch):
    """What saved numbers were drawn with when nothing was said."""
    asked = []

    class AskedError(Exception):
        pass

    def caught(*arguments):
        asked.append(arguments)
        raise AskedError

    monkeypatch.setattr(many_starts, "_on_disorders", caught)
    with pytest.raises(AskedError):
        descend(5, p=3)
    settings, disorders, workers, seed, backend = asked[0]
    times = [0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    said = Settings(5, P3, 1, 1e-6, 20000, times=times, temperature=0.5, parts=10)
    assert settings == said
    assert (disorders, workers, seed, backend) == (range(1), 1, 0, "numpy")
    plain = Settings(5, P3, 1)
    assert (plain.tolerance, plain.max_steps, plain.parts) == (1e-6, 20000, 10)
    assert plain.temperature == 0
    assert list(plain.times) == times


def test_disorders_are_numbered_from_the_first_that_is_named():
    from numerics.descent.methods import descend_one

    both = descend(6, p=3, disorders=2, disorder=3, starts=2)
    for place, number in enumerate((3, 4)):
        one = descend_one(stream(0, "descend", 6, "3:1.0"), number, 6, P3, 2)
        assert (one["energies"] == both.energies[place]).all()
    with pytest.raises(InputError, match="disorder: got -1"):
        descend(6, p=3, disorder=-1)


def test_memory_is_for_the_descent_first_and_for_couplings_with_what_is_left():
    """Whichever takes a byte more than there is is refused."""
    n, starts = 60, 3
    needed = work_space(n, starts)

    def stored(memory):
        draw(stream(0).generator(0, 0), n, P3, memory=memory, place="stored")

    low, high = 1, 1 << 26
    while high - low > 1:
        middle = (low + high) // 2
        try:
            stored(middle)
            high = middle
        except InputError:
            low = middle
    assert high >= 4 * n * n * (n + 1)
    short = {"p": 3, "starts": starts, "max_steps": 0, "place": "stored"}
    assert descend(n, memory=needed + high, **short).steps.tolist() == [[0] * starts]
    with pytest.raises(InputError, match="memory: got"):
        descend(n, memory=needed + high - 1, **short)
    with pytest.raises(InputError, match="take fewer starts or workers"):
        descend(n, memory=needed - 1, **short)
    # Two processes have half of it each.
    with pytest.raises(InputError, match="take fewer starts or workers"):
        descend(n, memory=2 * needed - 2, disorders=2, workers=2, **short)


@pytest.mark.parametrize("whole", [True, False])
def test_steps_between_two_looks_are_taken_at_once(monkeypatch, whole):
    """Seventy of them, fifty at a time: step by step with their numbers, or so many together."""
    asked = []

    def step(state, k):
        asked.append((k, 1))
        return state, Info(state.energy, state.energy > 0)

    def advance(state, k, count):
        asked.append((k, count))
        return state, Info(state.energy, state.energy > 0)

    monkeypatch.setattr(loop, "look_every", lambda _: 50)
    state = State(np.ones((2, 3)), np.ones(2), np.ones((2, 3)), np.ones(2))
    method = Method(lambda _: state, step, advance if whole else None)
    found = to_convergence(method, np.ones((2, 3)), Rule(1.0, 1e-6, 70))
    assert found["steps"].tolist() == [70, 70]
    assert asked == ([(0, 50), (50, 20)] if whole else [(k, 1) for k in range(70)])


def test_dynamics_that_do_not_come_to_their_only_time_have_not_finished():
    c, s = setting()
    out = flow.follow(c, s, [1.0], 1e-5, 3)
    assert (out["status"] == "max_steps").all()
    assert np.isnan(out["path"]).all()
