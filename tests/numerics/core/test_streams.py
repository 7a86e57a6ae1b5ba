import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.core.backend import InputError
from numerics.core.streams import Stream, key_of, stream

MAX = 2**64 - 1
# Philox4x64-10: counter, key, output as published with Random123 (kat_vectors).
KNOWN = [
    (
        [0, 0, 0, 0],
        [0, 0],
        [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B],
    ),
    (
        [MAX] * 4,
        [MAX] * 2,
        [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0],
    ),
    (
        [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
        [0x452821E638D01377, 0xBE5466CF34E90C6C],
        [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers_of_philox(counter, key, expected):
    # NumPy counts up before it draws, so start one below (with borrow).
    number = sum(word << 64 * i for i, word in enumerate(counter))
    before = (number - 1) % 2**256
    words = [before >> 64 * i & MAX for i in range(4)]
    bits = np.random.Philox(
        counter=np.array(words, dtype=np.uint64), key=np.array(key, dtype=np.uint64)
    )
    assert bits.random_raw(4).tolist() == expected
    assert bits.random_raw(4).tolist() != expected


def test_a_generator_is_philox_at_key_and_counter():
    key, counter = (7 << 64) + 5, (11, 12, 13)
    ours = Stream(key).generator(*counter).bit_generator.random_raw(4)
    state = {
        "counter": np.array([0, *counter], dtype=np.uint64),
        "key": np.array([5, 7], dtype=np.uint64),
    }
    assert ours.tolist() == np.random.Philox(**state).random_raw(4).tolist()
    swapped = state | {"counter": np.array([0, 13, 12, 11], dtype=np.uint64)}
    assert ours.tolist() != np.random.Philox(**swapped).random_raw(4).tolist()


words = st.one_of(st.text(max_size=3), st.integers(-3, 300))


@given(
    st.tuples(st.integers(-5, 5), st.lists(words, max_size=3)),
    st.tuples(st.integers(-5, 5), st.lists(words, max_size=3)),
)
def test_streams_are_equal_exactly_when_their_names_are(a, b):
    assert (stream(a[0], *a[1]) == stream(b[0], *b[1])) == (a == b)


def test_borders_and_types_of_words_count():
    names = [("ab",), ("a", "b"), ("a", "", "b"), (1,), ("1",), (-1,), (), ("i1",), (11,), (1, 1)]
    assert len({stream(0, *name).key for name in names}) == len(names)


@given(st.permutations(range(6)))
def test_order_of_consumption_does_not_matter(order):
    source = stream(1, "order")
    forward = {i: source.generator(i).standard_normal(5).tolist() for i in range(6)}
    assert {i: source.generator(i).standard_normal(5).tolist() for i in order} == forward


def test_one_generator_that_is_moved_draws_what_each_unit_draws():
    source = stream(3, "moved")
    for words in ((), (7,), (7, 1)):
        units = [5, 0, 5, (1 << 64) - 1]
        for unit, rng in zip(units, source.each(*words, units=units), strict=True):
            own = source.generator(*words, unit)
            # Halves of words and buffers that are left over are not carried to the next unit.
            assert rng.integers(0, 100, dtype=np.uint32) == own.integers(0, 100, dtype=np.uint32)
            assert (rng.permutation(9) == own.permutation(9)).all()
            assert rng.random() == own.random()
    assert list(source.each(7, units=[])) == []
    with pytest.raises(InputError, match="counter"):
        next(source.each(1, 2, 3, units=[0]))


def test_units_do_not_overlap():
    source = stream(2, "disjoint")
    counters = [*itertools.product(range(5), repeat=3), (MAX, 0, 0), (0, 0, MAX)]
    draws = [source.generator(*c).bit_generator.random_raw(64) for c in counters]
    assert np.unique(np.concatenate(draws)).size == 64 * len(counters)


def test_units_are_uncorrelated():
    x = np.array([stream(3, "units").generator(i).standard_normal(400) for i in range(200)])
    correlations = np.corrcoef(x)[np.triu_indices(200, 1)]
    # Off-diagonal correlations have variance 1/400; their mean square is that of 19900 such.
    assert abs((correlations**2).mean() * 400 - 1) < 6 * (2 / correlations.size) ** 0.5
    x[1::2] = x[::2]
    assert np.corrcoef(x)[0, 1] > 0.99


@pytest.mark.parametrize(
    "call",
    [
        lambda: stream(1.5),
        lambda: stream(True),
        lambda: stream(0, 1.5),
        lambda: stream(0).generator(1, 2, 3, 4),
        lambda: stream(0).generator(-1),
        lambda: stream(0).generator(2**64),
        lambda: Stream(2**128),
        lambda: Stream(-1),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError, match="got"):
        call()


def test_a_key_is_the_hash_of_its_name_as_documented():
    """Tag, length in eight bytes, bytes of every word: the same numbers in every version."""
    named = b"".join(
        tag + len(word).to_bytes(8, "little") + word
        for tag, word in ((b"i", b"-3"), (b"s", "tailles é".encode()), (b"i", b"100"))
    )
    digest = hashlib.blake2b(named, digest_size=16, person=b"spin-landscapes").digest()
    assert stream(-3, "tailles é", 100).key == int.from_bytes(digest, "little")


def test_a_key_of_a_generator_is_three_words_of_32_bits():
    for seed in range(5):
        words = key_of(np.random.default_rng(seed))
        exact = np.random.default_rng(seed).integers(0, 2**32, size=3, dtype=np.uint64)
        assert (words == exact).all()
        assert words.dtype == np.uint64


def test_the_last_word_and_the_last_key_are_taken():
    assert Stream(2**128 - 1).generator(MAX, MAX, MAX).random() >= 0
    assert Stream(0).generator().random() == Stream(0).generator(0, 0, 0).random()
    for places in ((5,), (5, 0), (5, 0, 0)):
        assert Stream(9).generator(*places).random() == Stream(9).generator(5).random()
