"""Counter-based random streams: what a stream draws depends on its name, never on the order of use.

A stream is a 128-bit Philox key, the hash of a seed and a path of words. Under that key the high
192 bits of the counter name a unit of work (chunk, unit, kind of draw) and the low 64 bits count
the draws inside it, so units can be computed in any order, on any number of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer

_WORD = 1 << 64


@dataclass(frozen=True)
class Stream:
    """A family of random generators under one Philox key.

    Parameters
    ----------
    key : int
        128 bits, 0 <= key < 2**128. Made by `stream`.

    Raises
    ------
    InputError
        If `key` is not an integer of 128 bits.
    """

    key: int

    def __post_init__(self) -> None:
        """Check the arguments."""
        if not 0 <= check_integer("key", self.key) < 1 << 128:
            raise InputError.of("key", self.key, "an integer of 128 bits")

    def generator(self, *counter: int) -> np.random.Generator:
        """Return the generator of the unit `counter`, at its first draw.

        Parameters
        ----------
        *counter : int
            At most three words of 64 bits, the high 192 bits of the Philox4x64-10 counter;
            missing ones are zero. Units of different counters never overlap (each holds
            2**66 draws of 64 bits).

        Returns
        -------
        numpy.random.Generator

        Raises
        ------
        InputError
            More than three words, or a word outside 64 bits.

        Examples
        --------
        >>> s = stream(0, "goe", 100)
        >>> bool(s.generator(7).random() == s.generator(7, 0, 0).random())
        True
        """
        if len(counter) > 3:
            raise InputError.of("counter", counter, "at most 3 words")
        words = [check_integer("counter", c) for c in counter]
        if not all(0 <= w < _WORD for w in words):
            raise InputError.of("counter", counter, "words in 0..2**64-1")
        high = words + [0] * (3 - len(words))
        return np.random.Generator(
            np.random.Philox(
                counter=np.array([0, *high], dtype=np.uint64),
                key=np.array([self.key % _WORD, self.key // _WORD], dtype=np.uint64),
            )
        )

    def each(self, *counter: int, units: Iterable[int]) -> Iterator[np.random.Generator]:
        """Yield the generators of the units (*counter, unit): one object, moved from unit to unit.

        Each is to be used before the next is asked for. It takes a fifth of the time of `generator`, which
        shows where a unit draws little.

        Parameters
        ----------
        *counter : int
            At most two words, as of `generator`.
        units : iterable of int
            The word after them.

        Examples
        --------
        >>> s = stream(0, "goe", 100)
        >>> [rng.random() for rng in s.each(7, units=[4])] == [s.generator(7, 4).random()]
        True
        """
        rng = self.generator(*counter, 0)
        state: Any = rng.bit_generator.state
        for unit in units:
            state["state"]["counter"][len(counter) + 1] = unit
            rng.bit_generator.state = state
            yield rng


def stream(seed: int, *path: str | int) -> Stream:
    """Return the stream named by `seed` and `path`.

    Parameters
    ----------
    seed : int
        Any integer.
    *path : str or int
        Words that name the use, e.g. the name of a claim and the parameters of a cell. Their types
        and borders count: ("a", "b"), ("ab",), (1,) and ("1",) are four different streams.

    Returns
    -------
    Stream

    Raises
    ------
    InputError
        If `seed` is not an integer or a word is neither a string nor an integer.

    Examples
    --------
    >>> stream(0, "goe", 1) == stream(0, "goe", 1)
    True
    >>> stream(0, "goe", 1) == stream(0, "goe", "1")
    False
    """
    digest = hashlib.blake2b(digest_size=16, person=b"spin-landscapes")
    digest.update(_encode("i", str(check_integer("seed", seed))))
    for word in path:
        if isinstance(word, str):
            digest.update(_encode("s", word))
        else:
            digest.update(_encode("i", str(check_integer("path", word))))
    return Stream(int.from_bytes(digest.digest(), "little"))


def _encode(tag: str, word: str) -> bytes:
    """Return an encoding no two words share: the tag, the length, the bytes."""
    data = word.encode()
    return tag.encode() + len(data).to_bytes(8, "little") + data


Key = npt.NDArray[np.uint64]


def key_of(rng: np.random.Generator) -> Key:
    """Return a key for the kernels: 96 bits drawn from `rng`, two words of key and one of counter.

    Matrix i under a key is the same however many are drawn, in whatever order.
    """
    return rng.integers(0, 1 << 32, size=3, dtype=np.uint64)
