"""Every method keeps the protocol: what a state holds, that rows are alone, that a step is arrays alone."""

from dataclasses import fields, replace

import numpy as np
import pytest

from numerics import InputError, stream
from numerics.core.backend import namespace, namespace_of, to_numpy
from numerics.descent import conjugate_gradient, flow, gradient, langevin, newton, sgd
from numerics.descent.methods import METHODS, RECIPES, descend_one
from numerics.descent.protocol import Info, Rule, State, Status, rows_of
from numerics.descent.settings import Settings, checked
from numerics.pspin.couplings import draw, random_point

P3 = {3: 1.0}
RULE = Rule(0.17, 1e-9)
MAKERS = {
    "gd": lambda c: gradient.method(c, RULE),
    "gd+newton": lambda c: newton.method(c, RULE),
    "cg": lambda c: conjugate_gradient.method(c, RULE),
    "flow": lambda c: flow.method(c, [0.0, 0.05, 0.1], 1e-5, 1000),
    "sgd": lambda c: sgd.method([c, c], 100, 0.3, 0.1),
    "langevin": lambda c: langevin.method(c, [0.3] * 100, 0.01, [0.0, 1.0], noise(c.xp)),
}


def noise(xp):
    """Of every start its own, so that starts can be taken apart."""

    def of_step(k, shape):
        rows = range(shape[0])
        return xp.asarray(
            np.stack([np.random.default_rng((k, i)).standard_normal(shape[1]) for i in rows])
        )

    return of_step


def setting(xp=None, dtype="float64", starts=5):
    c = draw(np.random.default_rng(0), 8, P3, dtype, xp)
    return c, c.xp.asarray(random_point(np.random.default_rng(1), 8, starts).astype(dtype))


def after(method, points, steps):
    state = method.init(points)
    for k in range(steps):
        state, info = method.step(state, k)
    return state, info


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", MAKERS)
def test_a_state_is_arrays_of_the_namespace_with_a_row_for_each_start(name, dtype, xp):
    c, points = setting(xp, dtype)
    method = MAKERS[name](c)
    first = method.init(points)
    state, info = after(method, points, 60)
    assert isinstance(state, State)
    assert type(state) is type(first)
    assert isinstance(info, Info)
    for of in (state, info):
        for f in fields(of):
            value = getattr(of, f.name)
            assert namespace_of(value) is namespace_of(points), f.name
            assert value.shape in ((5,), (5, 8)), f.name
            assert value.dtype in (points.dtype, c.xp.bool), f.name
    np.testing.assert_allclose((to_numpy(state.position) ** 2).sum(axis=1), 8, rtol=1e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_a_start_that_leaves_the_batch_changes_no_bit_of_the_others(name):
    c, points = setting()
    method = MAKERS[name](c)
    together, _ = after(method, points, 60)
    rows = np.arange(2)  # the first: noise is drawn by row
    alone = rows_of(method.init(points), rows)
    for k in range(60):
        alone, _ = method.step(alone, k)
    for f in fields(alone):
        assert (getattr(alone, f.name) == getattr(together, f.name)[rows]).all(), f.name
    assert (together.position[0] != together.position[1]).any()


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_changes_nothing_that_it_is_given(name):
    c, points = setting()
    method = MAKERS[name](c)
    state, _ = after(method, points, 49)  # the next tries Newton's method
    held = {f.name: getattr(state, f.name).copy() for f in fields(state)}
    once, twice = method.step(state, 49)[0], method.step(state, 49)[0]
    for f in fields(state):
        assert (getattr(state, f.name) == held[f.name]).all(), f.name
        assert (getattr(once, f.name) == getattr(twice, f.name)).all(), f.name


@pytest.mark.parametrize("method", METHODS)
def test_every_word_goes_in_every_namespace(method, xp):
    options = {"method": method, "times": (0.0, 0.2), "temperature": 0.2, "parts": 2}
    one = descend_one(stream(2), 0, 6, P3, 3, xp=xp, **options)
    host = descend_one(stream(2), 0, 6, P3, 3, xp=namespace(), **options)
    assert all(isinstance(value, np.ndarray) for value in one.values())
    np.testing.assert_allclose(one["energies"], host["energies"], atol=1e-8)
    assert one["status"].tolist() == host["status"].tolist()


def test_statuses_are_their_words():
    assert [str(s) for s in Status] == ["converged", "saddle", "finished", "max_steps", "diverged"]
    assert all(s.sentence.endswith(".") for s in Status)
    assert np.full(2, Status.SADDLE).tolist() == ["saddle", "saddle"]
    assert Status("diverged") is Status.DIVERGED
    found = descend_one(stream(2), 0, 6, P3, 3)["status"]
    assert found.dtype == "<U9"
    assert set(found.tolist()) <= set(Status)


def test_every_word_has_a_recipe():
    assert tuple(RECIPES) == METHODS
    assert all(recipe.first or recipe.descent for recipe in RECIPES.values())


@pytest.mark.parametrize(
    "bad", [{"n": 1}, {"starts": True}, {"memory": 0}, {"place": "here"}, {"times": ()}]
)
def test_settings_are_checked(bad):
    good = Settings(5, {4: 0.5, 2: 0.5}, 3)
    assert checked(good).coefficients == {2: 0.5, 4: 0.5}
    assert checked(checked(good)) == checked(good)
    with pytest.raises(InputError, match=f"^{next(iter(bad))}: got"):
        checked(replace(good, **bad))


def test_one_disorder_refuses_what_it_does_not_know():
    with pytest.raises(TypeError, match="steps"):
        descend_one(stream(2), 0, 6, P3, 3, steps=5)
    with pytest.raises(InputError, match=r"^method: got"):
        descend_one(stream(2), 0, 6, P3, 3, method="newton")
