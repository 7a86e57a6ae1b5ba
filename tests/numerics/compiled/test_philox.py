"""Everything that is drawn, number by number, against Philox and Box and Muller written out here."""

from itertools import permutations

import numpy as np
import pytest

from numerics.compiled.philox import row
from numerics.core.backend import namespace
from numerics.core.streams import key_of
from numerics.descent import langevin
from numerics.goe import tridiagonals
from numerics.pspin import couplings, multisets

LOW = 2**32 - 1
EPS = 2.0**-52


def words(value):
    return np.asarray(value).astype(np.uint64)


def philox(counter, key):
    """Philox4x32-10 by its paper, in integers of 64 bits."""
    c0, c1, c2, c3 = np.broadcast_arrays(*(words(c) for c in counter))
    k0, k1 = (int(k) for k in key)
    low, half = np.uint64(LOW), np.uint64(32)
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (b >> half) ^ c1 ^ np.uint64(k0),
            b & low,
            (a >> half) ^ c3 ^ np.uint64(k1),
            a & low,
        )
        k0, k1 = (k0 + 0x9E3779B9) & LOW, (k1 + 0xBB67AE85) & LOW
    return [word.astype(np.int64) for word in (c0, c1, c2, c3)]


def pair(counter, key):
    """Two normals by Box and Muller, in extended precision, and the 22 bits that are left."""
    r0, r1, r2, r3 = philox(counter, key)
    wide = np.longdouble
    u = ((r0 << 21 | r1 >> 11) + 0.5) / 2**53  # a float64, as drawn
    angle = r2 << 21 | r3 >> 11
    half_pi = 2 * np.arctan(wide(1))
    t = (((angle >> 2).astype(wide) + wide(0.5)) / 2**51 - wide(0.5)) * half_pi
    length = np.sqrt(-2 * np.log(u.astype(wide)))
    cosine = length * np.cos(t) * np.where(angle & 1, -1, 1)
    sine = length * np.sin(t)
    swap = (angle & 2) > 0
    coarse = (r1 & 2047) << 11 | r3 & 2047
    return np.where(swap, sine, cosine), np.where(swap, cosine, sine), coarse


def close(got, exact, ulps):
    """Whether all numbers are right in all but their last bits."""
    return (np.abs(got - exact) <= ulps * EPS * np.abs(exact)).all()


def half_chi_square(degrees, c0, c1, nonce, key):
    """Marsaglia and Tsang's gamma variates of shape degrees/2, >= 1; of one degree, half a square."""
    c0, c1, degrees = np.broadcast_arrays(c0, c1, degrees)
    shape = np.asarray(degrees / 2 - np.longdouble(1) / 3)
    out, left = np.zeros(c0.shape, np.longdouble), np.ones(c0.shape, bool)
    for attempt in range(0, 200, 2):
        if not left.any():
            break
        at = c0[left], c1[left]
        _, x, coarse = pair((*at, attempt, nonce), key)
        fine = philox((*at, attempt + 1, nonce), key)[0]
        uniform = (coarse + (fine + 0.5) / 2**32) / 2**22
        alpha = np.maximum(shape[left], 0.1)
        v = 1 + x / np.sqrt(9 * alpha)
        with np.errstate(invalid="ignore", divide="ignore"):
            bound = x**2 / 2 + alpha * (1 - v**3 + 3 * np.log(v))
            accept = (v > 0) & (np.log(uniform) < bound)
        one = degrees[left] == 1
        found = np.where(one, x**2 / 2, alpha * v**3)
        where = np.flatnonzero(left)[one | accept]
        out[where] = found[one | accept]
        left[where] = False
    assert not left.any()
    return out


@pytest.mark.parametrize(
    ("counter", "key", "block"),
    [
        ((0,) * 4, (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((LOW,) * 4, (LOW,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_what_is_written_here_gives_the_published_answers(counter, key, block):
    """Random123's known answers for philox4x32-10."""
    assert " ".join(f"{int(word):08x}" for word in philox(counter, key)) == block


@pytest.mark.parametrize(
    ("n", "rows", "first", "samples"),
    [
        *((n, n, 0, 3000) for n in range(1, 7)),
        (70, 70, 5, 40),  # more rows than are drawn at once
        (10**6, 130, 2**32 - 40, 40),  # to the last matrix of a key
        (2**32 - 1, 2, 0, 3),
    ],
)
def test_rows_are_those_of_their_blocks(n, rows, first, samples):
    """Matrix number in word 1, row in word 0, attempts in word 2; every acceptance as in exact numbers."""
    word = key_of(np.random.default_rng(n))
    d, off = tridiagonals.draw(word, n, samples, rows=rows, first=first)
    assert d.shape == (samples, rows)
    assert off.shape == (samples, rows - 1)
    matrix, j = (
        x.ravel() for x in np.meshgrid(np.arange(samples) + first, range(rows), indexing="ij")
    )
    x, _, _ = pair((j, matrix, 0, word[2]), word[:2])
    root = np.sqrt(np.longdouble(n))
    assert close(d.ravel(), x / root, 8)
    below = j > 0
    gamma = half_chi_square((n - j)[below], j[below], matrix[below], word[2], word[:2])
    assert close(off.ravel(), np.sqrt(gamma) / root, 30)


def test_a_block_gives_two_normals_and_the_bits_they_left():
    """At every quadrant, and at the smallest and largest angles and lengths of many blocks."""
    word = key_of(np.random.default_rng(0))
    tridiagonals.draw(word, 1, 1)
    count = 20_000
    got = np.array([row(*map(np.uint64, (i, 1, 2, 3, 4, 5))) for i in range(count)])
    x, y, coarse = pair((np.arange(count), 1, 2, 3), (4, 5))
    assert close(got[:, 0], x, 6)
    assert close(got[:, 1], y, 6)
    assert (got[:, 2] == coarse).all()
    assert {(a > 0, b > 0) for a, b in got[:, :2]} == {(a, b) for a in (0, 1) for b in (0, 1)}


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 5), (2, 600)])
def test_noise_is_a_pair_of_normals_a_block(shape):
    """Numbers 2i and 2i + 1 from block i: the step in word 2; a last odd one is the first of a pair."""
    word, step = key_of(np.random.default_rng(1)), 77
    got = langevin.normals(namespace(), word, step, shape).ravel()
    blocks = np.arange((got.size + 1) // 2)
    x, y, _ = pair((blocks, 0, step, word[2]), word[:2])
    assert close(got, np.stack([x, y], axis=1).ravel()[: got.size], 6)


def drawn(word, p, ranks):
    """The Gaussians of multi-indices by their rank, in words 0 and 1; the order in word 2."""
    return pair((ranks & LOW, ranks >> 32, p, word[2]), word[:2])[0]


@pytest.mark.parametrize(("n", "p"), [(2, 2), (2, 7), (3, 4), (5, 3), (20, 2), (9, 5), (40, 3)])
def test_couplings_are_the_gaussians_of_their_multi_indices(n, p):
    """Times the square root of the number of orderings: as if they had been summed over these."""
    c = couplings.draw(np.random.default_rng(n), n, {p: 0.7})
    word = key_of(np.random.default_rng(n))
    normals = drawn(word, p, np.arange(multisets.count(n, p)))
    sums = (normals * np.sqrt(multisets.orderings(n, p))).astype(float)
    exact = couplings.from_sums(n, {p: sums}, {p: 0.7}).terms[0][1]
    np.testing.assert_allclose(c.terms[0][1], exact, rtol=20 * EPS)
    # Blocks that begin anywhere.
    streamed = couplings.draw(np.random.default_rng(n), n, {p: 0.7}, place="streamed").terms[0][1]
    for rows, columns in ((slice(1, 2), slice(1, 2)), (slice(0, n - 1), slice(1, None))):
        assert (streamed[rows, columns] == c.terms[0][1][rows, columns]).all()


def test_ranks_beyond_one_word_have_gaussians_of_their_own():
    """The last columns of 5000 spins at order three: ranks of 2 10^10."""
    n, p, columns = 5000, 3, 7
    a = couplings.draw(np.random.default_rng(2), n, {p: 1.0}, place="streamed").terms[0][1]
    got = a[n - 3 :, a.shape[1] - columns :]
    rest = np.stack([np.arange(n - columns, n), np.full(columns, n - 1)], axis=1)
    word = key_of(np.random.default_rng(2))
    for i, line in zip(range(n - 3, n), got, strict=True):
        joined = np.sort(np.hstack([rest, np.full((columns, 1), i)]), axis=1)
        times = (joined == i).sum(axis=1)
        ways = np.array([len(set(permutations(m))) for m in joined.tolist()])
        ranks = multisets.rank(joined)
        assert ranks.min() > 2**33
        exact = drawn(word, p, ranks) * np.sqrt(ways) * times / n
        assert close(line, exact, 20)
