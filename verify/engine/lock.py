"""The right to write a store: a locked file beside it, which dies with its holder."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_OURS = re.compile(rb"(process [0-9]{1,10}\n)?")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FAR = (
    1 << 20
)  # the byte that Windows locks, which nobody could read then: behind the holder's name


class LockError(Exception):
    """The lock is held, or its file is not ours; the message says which."""


class Lock:
    """A lock of the operating system on ``FILE.lock``, which names the holder.

    A file that is there already is taken only if it is a plain file that a lock of ours left; nothing
    else is ever opened for writing, followed or cut.

    Raises
    ------
    LockError
        If another process holds it, or the file is something else.
    OSError
        If it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock of the file ``path``."""
        self._path = Path(f"{path}.lock")
        self._fresh = not os.path.lexists(self._path)
        if not self._fresh:
            self._check()
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o644)
        try:
            self._check()
            if not _taken(self._file):
                os.lseek(self._file, 0, os.SEEK_SET)
                holder = os.read(self._file, 40).decode(errors="replace").strip()
                raise LockError(f"which {holder or 'another process'} is writing")
        except BaseException:
            os.close(self._file)
            raise
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, f"process {os.getpid()}\n".encode())

    def _check(self) -> None:
        """Refuse what no lock of ours has left there."""
        info = os.lstat(self._path)
        plain = stat.S_ISREG(info.st_mode) and info.st_nlink == 1 and info.st_size <= 40
        if not plain or not _OURS.fullmatch(self._path.read_bytes()):
            raise LockError(f"beside which {self._path.name} is not a lock of this program")

    def release(self) -> None:
        """Let others write."""
        os.close(self._file)

    def undo(self) -> None:
        """Leave nothing beside a file that is no store."""
        if self._fresh:
            self._path.unlink(missing_ok=True)
        self.release()


def _taken(file: int) -> bool:
    """Whether the exclusive lock on an open file could be had."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
