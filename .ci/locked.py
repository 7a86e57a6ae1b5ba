"""What a lock file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*(.*))?")


@dataclass(frozen=True)
class Locked:
    """A package of a lock: where it is wanted (a marker, or always), and the files that may be it."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def read(lock: Path) -> list[Locked]:
    """The packages of a lock, in order; ValueError for a line that is none of a lock."""
    found = []
    for entry in lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.startswith("#"):
            continue
        head, *hashes = re.split(r"\s+--hash=sha256:", entry.strip())
        match = _LINE.fullmatch(head.strip())
        if match is None or not hashes:
            raise ValueError(f"{lock.name}: {entry[:80]!r} is no locked package")
        found.append(Locked(match[1], match[2], (match[3] or "").strip(), tuple(hashes)))
    return found
