"""Numba: float64 by its bits, and a logarithm that becomes vector code."""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numerics.compiled.jit import piece

LN2 = math.log(2)

# same (4604544269498187776 -> 4604544269498187777): a place to cut
# same (4604544269498187776 -> 4604544269498187775): a place to cut
_SQRT_HALF_HIGH = 0x3FE6A09E00000000  # the bits of just under sqrt(1/2)


@intrinsic
def bits(typing: Any, x: Any) -> Any:
    """Return the bits of a float64 as an int64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def from_bits(typing: Any, x: Any) -> Any:
    """Return the float64 that has the bits of an int64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), emit


@piece
def log(u):
    """Return log u for a normal float64 u > 0, within an ulp or two (the polynomial of fdlibm)."""
    raw = bits(u)
    # The exponent for which the rest lies in [sqrt(1/2), sqrt 2).
    exponent = (raw - _SQRT_HALF_HIGH) >> 52
    f = from_bits(raw - (exponent << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = z * 1.479819860511658591e-01 + 1.531383769920937332e-01
    r = z * r + 1.818357216161805012e-01
    r = z * r + 2.222219843214978396e-01
    r = z * r + 2.857142874366239149e-01
    r = z * r + 3.999999999940941908e-01
    r = z * r + 6.666666666666735130e-01
    return exponent * LN2 + (f - s * (f - z * r))
