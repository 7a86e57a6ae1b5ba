"""Laws of descent methods, by samples; a wrong law beside each must fail."""

import numpy as np

from numerics import stream
from numerics.descent import langevin, sgd
from numerics.descent.gradient import init
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import from_tensors, random_point

P3 = {3: 1.0}


def test_langevin_reaches_the_law_of_one_spin_direction():
    """H = -f s_0 has the law exp(f s_0 / T) on the circle: E s_0 = sqrt2 I_1(x)/I_0(x)."""
    from scipy.special import iv

    heat, field = 0.7, 0.8
    rng = np.random.default_rng(5)
    s = random_point(rng, 2, 3000)
    state = init_linear(s, field)
    for _ in range(600):
        state = linear_step(state, field, heat, rng)
    x = field * 2**0.5 / heat
    mean = state.position[:, 0].mean()
    stderr = state.position[:, 0].std() / 3000**0.5
    assert abs(mean - 2**0.5 * iv(1, x) / iv(0, x)) < 6 * stderr + 0.01  # 0.01: the step's bias
    wrong = field * 2**0.5 / (2 * heat)  # noise of twice the temperature
    assert abs(mean - 2**0.5 * iv(1, wrong) / iv(0, wrong)) > 20 * stderr


def init_linear(s, field):
    c = from_tensors({2: np.zeros((2, 2))}, {2: 1.0})
    state = init(c, s, 0.02)
    return with_field(state, field)


def with_field(state, field):
    push = np.zeros_like(state.position)
    push[:, 0] = -field
    gradient = h.tangential(state.position, push)
    return type(state)(state.position, -field * state.position[:, 0], gradient, state.length)


def linear_step(state, field, heat, rng):
    c = from_tensors({2: np.zeros((2, 2))}, {2: 1.0})
    after, _ = langevin.step(c, state, heat, rng.standard_normal(state.position.shape))
    return with_field(after, field)


def test_parts_add_up_and_have_the_law_of_the_whole():
    parts = sgd.draw_parts(stream(0), 0, 8, P3, 5)
    whole = sgd.total(parts)
    s = random_point(np.random.default_rng(1), 8, 3)
    np.testing.assert_allclose(h.energy(whole, s), sum(h.energy(c, s) for c in parts))
    draws = [
        h.energy(sgd.total(sgd.draw_parts(stream(1), i, 8, P3, 2)), s[:1])[0] for i in range(600)
    ]
    variance = np.var(draws)
    error = variance * (2 / 600) ** 0.5
    assert abs(variance - 8) < 6 * error
    assert abs(variance - 4) > 6 * error  # parts of variance 1/2, not summed
