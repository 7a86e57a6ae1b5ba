"""Blocked contractions against the plain products, in both precisions and all batches."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

from numerics import InputError, descend
from numerics.core.backend import is_cupy, namespace, to_numpy
from numerics.descent import methods
from numerics.pspin import contract_device, contract_host, multisets
from numerics.pspin.contract_host import contract
from numerics.pspin.couplings import draw

GROUP = 16  # a vector of float64 or float32, or a few of them, on any processor

# (n, degree) with one block, several, and blocks that begin inside a largest entry.
SHAPES = [(2, 1), (7, 1), (2, 2), (40, 2), (90, 2), (12, 3), (30, 3), (9, 4), (3, 6), (300, 1)]
SHAPES += [(270, 2), (26, 4)]  # largest entries whose columns are several blocks


def setting(n, degree, replicas, dtype="float64", seed=0):
    """Return couplings of a polynomial of order degree + 1, replicas, and directions."""
    rng = np.random.default_rng(seed)
    ranks, multiplicity = multisets.insertion(n, degree + 1)
    a = rng.standard_normal(multisets.count(n, degree + 1))[ranks] * multiplicity
    s, v = rng.standard_normal((2, replicas, n))
    return tuple(x.astype(dtype) for x in (a, s, v))


def monomials(degree, s, v=None):
    """Return the products over multi-indices, or their derivatives along v, by the definition."""
    m = multisets.multi_indices(s.shape[1], degree)
    if v is None:
        return s.T[m].prod(axis=1)
    rest = [np.delete(m, k, axis=1) for k in range(degree)]
    return sum(v.T[m[:, k]] * s.T[rest[k]].prod(axis=1) for k in range(degree))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "degree"), SHAPES)
def test_against_one_plain_product(xp, n, degree, dtype):
    a, s, v = setting(n, degree, 2 * GROUP + 3, dtype)
    wide, there = ([f(x) for x in (a, s, v)] for f in (np.float64, xp.asarray))
    how = contract_device if is_cupy(xp) else contract_host
    for along, factors in ((None, monomials(degree, wide[1])), (v, monomials(degree, *wide[1:]))):
        scale = np.finfo(dtype).eps * (np.abs(wide[0]) @ np.abs(factors)).max()
        got = how.contract(there[0], degree, there[1], None if along is None else there[2])
        assert got.dtype == xp.float64
        np.testing.assert_allclose(to_numpy(got), (wide[0] @ factors).T, atol=4 * degree * scale)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("place", ["stored", "streamed"])
def test_products_on_a_device_are_split_where_they_are_large(device, place, dtype, monkeypatch):
    """With blocks smaller than the work: the sums of the whole, to the rounding of float64."""
    c = draw(np.random.default_rng(0), 25, {3: 1.0}, dtype, xp=device, place=place)
    s = np.random.default_rng(1).standard_normal((21, 25)).astype(dtype)
    host = draw(np.random.default_rng(0), 25, {3: 1.0}, dtype).terms[0][1].astype(np.float64)
    expected = (host @ monomials(2, s.astype(np.float64))).T
    tolerance = 20 * np.finfo(dtype).eps * abs(expected).max()
    for room, short in ((1 << 30, 1 << 14), (8 * 21 * 40, 1 << 14), (1 << 30, 7), (1, 1)):
        monkeypatch.setattr(contract_device, "_ROOM", room)
        monkeypatch.setattr(contract_device, "_SHORT", short)
        found = contract_device.contract(c.terms[0][1], 2, device.asarray(s))
        np.testing.assert_allclose(to_numpy(found), expected, atol=tolerance)
        forms = contract_device.forms(c.terms[0][1], 2, device.asarray(s))
        half = (to_numpy(forms).astype(np.float64) @ s[:, :, None])[:, :, 0] / 2  # Euler's identity
        np.testing.assert_allclose(half, expected, atol=10 * tolerance)


def test_forms_without_room_take_a_row_at_a_time(device, monkeypatch):
    a, s, _ = (device.asarray(x) for x in setting(4, 2, 1))
    whole = to_numpy(contract_device.forms(a, 2, s))
    monkeypatch.setattr(contract_device, "_ROOM", 1)
    np.testing.assert_allclose(to_numpy(contract_device.forms(a, 2, s)), whole, rtol=1e-12)


@pytest.mark.parametrize("mixture", [{3: 1.0, 4: 0.5, 2: 0.3}, {3: 1.0}])
def test_products_are_written_beside_a_multiplication_in_any_order(device, mixture, monkeypatch):
    """Where a stream of the device has the next block's products: neither touches what the other uses."""
    c = draw(np.random.default_rng(0), 20, mixture, xp=device)
    s = device.asarray(np.random.default_rng(1).standard_normal((9, 20)))

    def gradients():
        evaluate = contract_device.Evaluation(c.terms, s)
        evaluate()
        evaluate()  # buffers are used again
        return to_numpy(device.sum(evaluate.gradients, axis=0))

    expected = gradients()
    monkeypatch.setattr(contract_device, "_ROOM", 8 * 9 * 60)
    alone = gradients()
    monkeypatch.setattr(contract_device, "_LARGE", 1)
    together, orders = gradients(), []
    for order in (lambda a, b: (a, b)), (lambda a, b: (b, a)):
        run = partial(lambda order, a, b: lambda: [call() for call in order(a, b)], order)
        monkeypatch.setattr(contract_device, "side_by_side", run)
        orders.append(gradients())
    np.testing.assert_allclose(alone, expected, rtol=1e-12, atol=1e-12)
    for found in (together, *orders):
        assert (found == alone).all()


@pytest.mark.parametrize(("n", "degree"), [(1, 3), (5, 1), (4, 4), (9, 2), (40, 3)])
def test_packed_products_are_those_of_the_definition(device, n, degree):
    s = np.random.default_rng(n).standard_normal((11, n))
    found = to_numpy(contract_device.products(device.asarray(s), degree))
    np.testing.assert_allclose(found, monomials(degree, s).T, rtol=1e-14)


def test_float32_errors_are_those_of_its_rounding():
    """Sums of 31125 terms: relative to the result, near eps, not eps times the number of terms."""
    a, s, _ = setting(249, 2, GROUP, "float32")
    exact = (a.astype(np.float64) @ monomials(2, s.astype(np.float64))).T
    error = np.sqrt(((contract(a, 2, s) - exact) ** 2).mean() / (exact**2).mean())
    assert error < 4 * np.finfo(np.float32).eps


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "degree"), [(90, 2), (30, 3), (7, 1)])
def test_no_bit_depends_on_the_batch(n, degree, dtype):
    a, s, v = setting(n, degree, 10 * GROUP + 5, dtype)
    for along in (None, v):
        whole = contract(a, degree, s, along)
        for rows in ([0], [5], list(range(3, 40)), [GROUP + 1, 2], [10 * GROUP + 4]):
            some = contract(a, degree, s[rows], None if along is None else along[rows])
            assert (some == whole[rows]).all()


@pytest.mark.parametrize(("n", "degree"), [(2, 1), (7, 2), (90, 2), (270, 2), (12, 3), (9, 4)])
def test_a_gradient_reads_rows_to_the_largest_entry_alone(n, degree):
    """The rest follows by Euler's identity: (p - 1)/p of the couplings are read, nearly."""
    a, s, _ = setting(n, degree, 3)
    top = multisets.multi_indices(n, degree)[:, -1]
    unread = np.arange(n)[:, None] > top
    expected = contract(a, degree, s)
    assert (contract(np.where(unread, np.nan, a), degree, s) == expected).all()
    share = 1 - unread.mean()
    assert degree / (degree + 1) <= share < degree / (degree + 1) + 2 / n


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "p"), [(2, 2), (300, 2), (90, 3), (270, 3), (20, 4), (9, 6)])
def test_streamed_couplings_give_the_bits_of_stored_ones(n, p, dtype):
    stored, streamed = (
        draw(np.random.default_rng(0), n, {p: 1.0}, dtype, place=place).terms[0][1]
        for place in ("stored", "streamed")
    )
    s, v = np.random.default_rng(1).standard_normal((2, 5, n)).astype(dtype)
    for along in (None, v):
        assert (contract(streamed, p - 1, s, along) == contract(stored, p - 1, s, along)).all()


def test_dtypes_must_agree():
    a, s, v = setting(4, 2, 3)
    for bad in (
        (a, s.astype("float32"), None),
        (a.astype("float32"), s, None),
        (a, s, v.astype("float32")),
    ):
        with pytest.raises(InputError, match=r"^dtype: got 'float"):
            contract(bad[0], 2, *bad[1:])


def test_shapes_must_fit():
    a, s, v = setting(4, 2, 3)
    for bad, name in (((a, s[:, :3]), "replicas"), ((a, s[0]), "replicas"), ((a, s, v[:2]), "vec")):
        with pytest.raises(InputError, match=f"^{name}.*: got"):
            contract(bad[0], 2, *bad[1:])


def test_memory_does_not_grow_with_the_disorders(monkeypatch):
    monkeypatch.setattr(methods, "_SPINS", 3 * 12 * 4)  # four together, however many there are
    peaks = []
    descend(12, p=3, disorders=1, starts=3, max_steps=5)
    for disorders in (4, 40):
        tracemalloc.start()
        descend(12, p=3, disorders=disorders, starts=3, max_steps=5)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The results of a start are a few hundred bytes; its share of the couplings would be 2500 more.
    assert peaks[1] < peaks[0] + 36 * 3 * 1200


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "degree"), [(2, 1), (9, 1), (25, 2), (290, 2), (12, 3), (5, 4)])
def test_forms_are_the_derivatives_of_each_row(xp, n, degree, dtype):
    """Along v they add up to the derivative of the product along v, by the definition."""
    a, s, v = setting(n, degree, 5, dtype)
    wide = [x.astype(np.float64) for x in (a, s, v)]
    factors = monomials(degree, *wide[1:])
    scale = np.finfo(dtype).eps * (np.abs(wide[0]) @ np.abs(factors)).max()
    how = contract_device if is_cupy(xp) else contract_host
    got = to_numpy(how.forms(xp.asarray(a), degree, xp.asarray(s)))
    along = (got.astype(np.float64) @ wide[2][:, :, None])[:, :, 0]
    np.testing.assert_allclose(along, (wide[0] @ factors).T, atol=8 * degree * scale)


@pytest.mark.parametrize("room", [1 << 29, 1 << 12, 1])
@pytest.mark.parametrize("short", [1 << 15, 40])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "p", "disorders"), [(7, 2, 1), (20, 3, 1), (20, 3, 4), (60, 3, 1)])
def test_blocks_on_a_device_are_all_columns_once(n, p, disorders, dtype, short, room, monkeypatch):
    """Parts of one end inside it, and begin where memory is read in whole pieces."""
    monkeypatch.setattr(contract_device, "_ROOM", room)
    monkeypatch.setattr(contract_device, "_SHORT", short)
    columns, at = multisets.count(n, p - 1), 0
    shape = (n, columns) if disorders == 1 else (disorders, n, columns)
    for block in contract_device._blocks(np.empty(shape, dtype), np.empty((12, n), dtype)):
        assert block.first == at
        assert block.last > at
        assert block.last == columns or (block.last - at) % 16 == 0
        assert block.parts >= 1
        at = block.last
    assert at == columns


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("disorders", "parts", "size"), [(1, 1, 50), (1, 3, 100), (3, 1, 40), (3, 4, 41)]
)
def test_parts_of_a_product_on_a_device_add_up_to_it(device, disorders, parts, size, dtype):
    """Each of whole pieces, what is left over in the last one; disorders one by one, replicas of each."""
    rng = np.random.default_rng(size)
    a = rng.standard_normal((disorders, 5, size)).astype(dtype)
    factors = rng.standard_normal((6, size)).astype(dtype)
    out = device.empty((parts, 6, 5), dtype=getattr(device, dtype))
    held = device.asarray(a if disorders > 1 else a[0])
    for call in contract_device._by_parts(held, device.asarray(factors), out):
        call()
    exact = np.einsum("dic,drc->dri", a, factors.reshape(disorders, -1, size)).reshape(6, 5)
    found = to_numpy(out).astype(np.float64)
    np.testing.assert_allclose(found.sum(axis=0), exact, atol=100 * np.finfo(dtype).eps)
    if disorders == 1 and parts > 1:
        each = size // parts // 16 * 16
        first = a[0, :, :each] @ factors[:, :each].T
        np.testing.assert_allclose(found[0], first.T, atol=100 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("n", "degree"), [(1, 2), (4, 2), (6, 3), (3, 5)])
def test_largest_entries_and_ranks_of_the_rest(n, degree):
    """Every product of a degree is one of a degree less times one more spin."""
    tops, rests = contract_device._tables(namespace(), n, degree)
    m = multisets.multi_indices(n, degree)
    assert (tops == m[:, -1]).all()
    assert (rests == multisets.rank(m[:, :-1])).all()
    assert tops.dtype == rests.dtype == np.int32
