"""Compile a function and keep the machine code, where there is a place and what is there is whole."""

from __future__ import annotations

import pickle
from contextlib import suppress
from pathlib import Path

from numba import config, njit
from numba.core.caching import IndexDataCacheFile

from numerics.core.kernels import opened, sealed


class _Sealed(IndexDataCacheFile):
    """Numba's files of one function, with checksums: what is damaged counts as not there."""

    def save(self, key, data):
        with suppress(OSError):  # a full disk: it is compiled again the next time
            super().save(key, data)

    def _dump(self, obj):
        return sealed(super()._dump(obj))

    def _save_index(self, overloads):
        with self._open_for_write(self._index_path) as file:
            file.write(self._dump((self._version, self._source_stamp, overloads)))

    def _load_index(self):
        try:
            version, stamp, overloads = pickle.loads(opened(Path(self._index_path).read_bytes()))
        except (OSError, ValueError):
            return {}
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _load_data(self, name):
        try:
            return pickle.loads(opened(Path(self._data_path(name)).read_bytes()))
        except ValueError as error:
            raise OSError(str(error)) from error  # Numba takes it for missing


def cached(function, stamp=None, **options):
    """Compile by `numba.njit`; ``stamp`` is of what the code depends on beside its own file."""
    try:
        compiled = njit(cache=True, **options)(function)
    except RuntimeError:  # no place can be written
        return njit(**options)(function)
    if config.DISABLE_JIT:  # plain Python
        return compiled
    # Of Numba's own insides. Read before it is set: were it to move, this would raise.
    cache = compiled._cache
    known = cache._cache_file
    cache._cache_file = _Sealed(
        known._cache_path, cache._impl.filename_base, (known._source_stamp, stamp)
    )
    return compiled
