"""CENSUS-7: the census at six and seven spins."""

from verify.claims.census import claim

CLAIM = claim(
    "CENSUS-7",
    "Every critical point of instances of six and seven spins",
    ({"model": "3:1", "N": 6}, {"model": "3:1", "N": 7}),
    (),
    "At N = 7 there are 127 complex critical points up to sign, and 80.2 real ones in the mean.",
)
