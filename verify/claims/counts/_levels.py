"""What claims on exact counts share: the level that a grid point names."""

from __future__ import annotations


def level_of(named: float | str) -> float | None:
    """The level H/N; None, every critical point, for the word all.

    Examples
    --------
    >>> level_of("all"), level_of("-1.5"), level_of(0.7)
    (None, -1.5, 0.7)
    """
    return None if named == "all" else float(named)
