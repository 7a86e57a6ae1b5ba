"""Where couplings are, to the byte, and blocks and batches of them."""

import numpy as np
import pytest

from numerics import InputError
from numerics.pspin import hamiltonian as h
from numerics.pspin import multisets
from numerics.pspin.contract_host import _starts, _units
from numerics.pspin.couplings import Couplings, Streamed, batched, draw, random_point

N = 130
COLUMNS = multisets.count(N, 2)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("dtype", "each"), [("float64", 8), ("float32", 4)])
@pytest.mark.parametrize("mixture", [{3: 1.0}, {2: 0.5, 3: 0.5}])
def test_couplings_are_stored_to_the_last_byte_that_they_may_take(mixture, dtype, each):
    """All of the memory where that is asked for, half of it where they may be drawn anew."""
    size = each * N * (COLUMNS + (N if 2 in mixture else 0))
    assert size > 1 << 20  # more than there is always room for
    for place, room in (("auto", 2 * size), ("stored", size)):
        c = draw(rng(), N, mixture, dtype, memory=room, place=place)
        assert not any(isinstance(a, Streamed) for _, a in c.terms)
    c = draw(rng(), N, mixture, dtype, memory=2 * size - 1)
    assert all(isinstance(a, Streamed) for _, a in c.terms)
    with pytest.raises(InputError, match=r"^memory: got .* for stored couplings at n = 130, p = "):
        draw(rng(), N, mixture, dtype, memory=size - 1, place="stored")


def test_orders_are_taken_as_long_as_their_products_can_be_counted():
    """Of two spins there are p + 1 products; their ranks are below 2^62."""
    c = draw(rng(), 2, {2**62 - 2: 1.0}, place="streamed")
    assert c.terms[0][1].shape == (2, 2**62 - 2)
    with pytest.raises(InputError, match=r"^n: got 2; takes fewer spins"):
        draw(rng(), 2, {2**62 - 1: 1.0}, place="streamed")
    with pytest.raises(InputError, match=r"^n: got 1; takes an integer >= 2"):
        draw(rng(), 1, {3: 1.0})
    with pytest.raises(InputError, match=r"^memory: got 0; takes an integer >= 1"):
        draw(rng(), 2, {3: 1.0}, memory=0)


def test_blocks_of_streamed_couplings_are_slices():
    stored, streamed = (
        draw(rng(), 6, {4: 1.0}, place=p).terms[0][1] for p in ("stored", "streamed")
    )
    for rows in (slice(None), slice(2, 2), slice(4, 2), slice(-2, None), 0, 5):
        for columns in (slice(None), slice(3, 4), slice(9, 9), slice(9, 3), slice(-1, None)):
            block = streamed[rows, columns]
            assert block.shape == stored[rows, columns].shape
            assert (block == stored[rows, columns]).all()


def test_a_batch_is_its_disorders():
    mixture = {2: 0.5, 3: 0.5}
    some = [draw(rng(seed), 4, mixture) for seed in range(3)]
    both = batched(some)
    assert both.disorders == 3
    assert [a.shape for _, a in both.terms] == [(3, 4, 4), (3, 4, 10)]
    assert some[0].disorders == 1
    assert some[0].each() == [some[0]]
    for one, again in zip(some, both.each(), strict=True):
        for (p, a), (q, b) in zip(one.terms, again.terms, strict=True):
            assert p == q
            assert (a == b).all()
    narrow = both.on(h.namespace_of(some[0].terms[0][1]), "float32")
    assert narrow.dtype == np.float32
    with pytest.raises(InputError, match=r"^couplings\[3\]: got"):
        Couplings(4, (both.terms[0], some[0].terms[1]))
    with pytest.raises(InputError, match=r"^dtype: got 'float32'"):
        Couplings(4, (some[0].terms[0], narrow.each()[0].terms[1]))


@pytest.mark.parametrize(
    ("n", "degree"), [(1, 1), (2, 1), (300, 1), (90, 2), (270, 2), (30, 3), (3, 6)]
)
def test_units_of_a_gradient_are_all_columns_once(n, degree):
    """Of whole largest entries, or parts of one; some 256 columns each."""
    starts, at, sizes = _starts(n, degree), 0, []
    for begin, end, low, high in _units(n, degree):
        assert begin < end
        assert low == 0 or end == begin + 1
        assert starts[begin] + low == at
        assert high <= starts[end] - starts[end - 1]
        sizes.append(starts[end - 1] + high - at)
        at += sizes[-1]
    assert at == starts[-1] == multisets.count(n, degree)
    assert min(sizes) > 0
    assert max(sizes) < 512
    whole = [size for size in sizes[:-1] if size < 128]
    assert len(whole) <= 1  # before the first entry that has more by itself


@pytest.mark.parametrize("n", [2, 3, 50])
def test_points_are_on_the_sphere_to_rounding(n):
    s = random_point(rng(), n, 100)
    np.testing.assert_allclose((s**2).sum(axis=1), n, rtol=1e-14)
    assert (random_point(rng(), n, 100) == s).all()
