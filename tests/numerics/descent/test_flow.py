"""The flow's integrator: its tableau, its order, its clock and the length of its next step."""

from dataclasses import replace

import numpy as np

from numerics import stream
from numerics.descent import flow
from numerics.descent.methods import descend_one
from numerics.pspin.couplings import draw, random_point
from numerics.pspin.hamiltonian import energy_slope

N, STARTS = 12, 6
# Bogacki and Shampine 1989: stages, the third order and the second beside it.
STAGES = [(), (1 / 2,), (0.0, 3 / 4), (2 / 9, 1 / 3, 4 / 9)]
SECOND = (7 / 24, 1 / 4, 1 / 3, 1 / 8)


def setting(coefficients=None):
    c = draw(np.random.default_rng(0), N, coefficients or {3: 1.0})
    return c, random_point(np.random.default_rng(1), N, STARTS)


def test_a_step_and_its_error_are_those_of_the_tableau():
    c, s = setting()
    for h in (0.01, 0.05):
        slopes = []
        for row in STAGES:
            at = s - h * sum((a * k for a, k in zip(row, slopes, strict=True)), np.zeros_like(s))
            if len(slopes) == 3:
                third = at
                at = at * (N**0.5 / np.linalg.norm(at, axis=1, keepdims=True))
            slopes.append(energy_slope(c, at)[1])
        second = s - h * sum(b * k for b, k in zip(SECOND, slopes, strict=True))
        error = np.linalg.norm(third - second, axis=1) / N**0.5
        after, info = flow.step(c, flow.init(c, s, 1.0), np.full(STARTS, h), np.inf)
        np.testing.assert_allclose(info.error, error, rtol=1e-6)
        np.testing.assert_allclose(after.position, at, rtol=1e-12)
        assert (after.time == h).all()


def test_the_flow_is_of_third_order_and_its_error_of_the_third_power():
    """On a quadratic form, where the flow is solved; a length halved costs an eighth."""
    c, s = setting({2: 1.0})
    values, vectors = np.linalg.eigh(c.terms[0][1])
    exact = (s @ vectors) * np.exp(-values) @ vectors.T
    exact *= N**0.5 / np.linalg.norm(exact, axis=1, keepdims=True)
    ends, errors = [], []
    for count in (20, 40):
        state = flow.init(c, s, 1.0)
        for k in range(1, count + 1):
            state, info = flow.step(c, state, np.full(STARTS, k / count), np.inf)
            if k == 1:
                errors.append(info.error)
        ends.append(abs(state.position - exact).max())
    assert 7 < ends[0] / ends[1] < 9.5
    assert ends[1] < 1e-5
    assert ((errors[0] / errors[1] > 6.5) & (errors[0] / errors[1] < 9)).all()


def test_the_next_length_is_that_of_nine_tenths_by_the_error():
    """Of an error of third order; within a fifth and four times, and one cut short says little."""
    c, s = setting()
    state, far = flow.init(c, s, 0.05), np.full(STARTS, 9.0)
    error = flow.step(c, state, far, np.inf)[1].error
    for tolerance in (0.2 * error.min(), error.mean(), 3 * error.max()):
        after, info = flow.step(c, state, far, tolerance)
        wanted = 0.9 * (tolerance / error) ** (1 / 3)
        assert (wanted > 0.2).all()
        assert (wanted < 4).all()
        np.testing.assert_allclose(after.length, 0.05 * wanted, rtol=1e-9)
        assert (info.accepted == (error <= tolerance)).all()
        assert (after.time == np.where(info.accepted, 0.05, 0.0)).all()
    for tolerance, factor in ((1e-12, 0.2), (1e6, 4.0)):
        after, _ = flow.step(c, state, far, tolerance)
        np.testing.assert_allclose(after.length, factor * 0.05)
    cut, _ = flow.step(c, state, np.full(STARTS, 1e-4), 1e-4)
    np.testing.assert_allclose(cut.length, 0.05)
    # A tolerance that is the error itself is met.
    assert flow.step(c, state, far, error)[1].accepted.all()


def test_a_step_that_just_reaches_its_time_is_at_that_time():
    c, s = setting()
    times = ((0.1 * i, 0.1 * j) for i in range(1, 60) for j in range(i + 1, 60))
    begin, end = next((a, b) for a, b in times if a + (b - a) != b)
    state = flow.init(c, s, end - begin)
    state = replace(state, time=np.full(STARTS, begin))
    assert (flow.step(c, state, np.full(STARTS, end), np.inf)[0].time == end).all()


def test_a_step_is_short_enough_down_to_a_billionth():
    c, s = setting()
    state = flow.init(c, s)
    lengths = np.array([1.0, 1e-3, 1.5e-9, 1e-9, 0.9e-9, 0.0])
    going = flow.going(replace(state, length=lengths), np.array([1.0]))
    assert going.tolist() == [True] * 4 + [False] * 2
    assert not flow.going(state, np.array([0.0])).any()
    at = replace(state, time=np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0]))
    assert flow.reached(at, np.array([1.0, 2.0])).tolist() == [0, 0, 1, 1, 2, 2]
    # No step meets a tolerance beyond the precision.
    out = flow.follow(c, s, [0.0, 1.0], 1e-300, 1000)
    assert (out["status"] == "diverged").all()
    assert (out["steps"] < 30).all()


def test_the_path_is_at_every_time_that_is_asked_for():
    """The first of them later than the start, and none passed over."""
    c, s = setting({2: 1.0})
    values, vectors = np.linalg.eigh(c.terms[0][1])
    times = [0.2, 0.25, 1.5]
    out = flow.follow(c, s, times, 1e-7, 10**4)
    for at, t in enumerate(times):
        w = (s @ vectors) ** 2 * np.exp(-2 * values * t)
        np.testing.assert_allclose(
            out["path"][:, at], (w * values).sum(axis=1) / w.sum(axis=1) / 2, atol=1e-6
        )


def test_the_word_flow_has_an_accuracy_of_its_own():
    found = descend_one(stream(3), 0, N, {3: 1.0}, 3, method="flow", times=(0.0, 1.0))
    c = draw(stream(3).generator(0, 0), N, {3: 1.0})
    s = random_point(stream(3).generator(0, 1), N, 3)
    assert (found["path"] == flow.follow(c, s, [0.0, 1.0], 1e-5, 20000)["path"]).all()
