"""What is kept on disk is whole or is not taken."""

import numpy as np
import pytest

from numerics.core.kernels import opened, sealed


def whole(blob):
    """What was sealed, None if it is damaged."""
    try:
        return opened(blob)
    except ValueError:
        return None


@pytest.mark.parametrize("length", [0, 1, 32, 33, 1000])
def test_what_is_sealed_comes_back(length):
    raw = np.random.default_rng(length).bytes(length)
    assert whole(sealed(raw)) == raw


def test_a_bit_anywhere_is_noticed():
    blob = sealed(b"machine code")
    for place in range(len(blob)):
        for bit in range(8):
            bad = blob[:place] + bytes([blob[place] ^ 1 << bit]) + blob[place + 1 :]
            assert whole(bad) is None
    for end in range(len(blob)):
        assert whole(blob[:end]) is None
    assert whole(blob + b"\0") is None
