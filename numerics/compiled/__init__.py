"""Everything that Numba compiles for matrices and couplings, one subject a file.

`floats`: bits of a float64, log. `philox`: blocks of random bits and normals. `rows`: rows of
tridiagonal GOE matrices. `sweeps`: determinants and Sturm counts. `eigenvalues`: the lowest ones.
`couplings`: blocks of the p-spin disorder. `vectors`, `products`: matrices times packed products of
spins. `training`: epochs of a network. All are compiled by `jit`, which says when what is on disk
still holds.

This file loads nothing; the others load Numba and are imported when something is first computed.

Tridiagonal matrices run in tiles of `LANES`; LLVM turns the loops over lanes into vector code of
whatever width the processor has. Tiles are drawn and computed in full, so no bit of a matrix's result
depends on how many were asked for, nor of a replica's in `vectors`, where a lane is one of them.
"""

LANES = 32
"""Tridiagonal matrices in a tile: a multiple of every width of registers."""
