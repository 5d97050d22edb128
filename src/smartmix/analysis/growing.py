"""An array that gets longer without a second copy of itself lying about."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FIRST_BYTES = 1 << 22
"""Room that is asked for at first: an hour of 10 Hz bands. Asking is free, only what is written takes memory."""


class Growing:
    """Rows of one kind, appended block by block.

    The room is pages of its own from the system, which fills them as they are written to: many sources that grow side
    by side in the ordinary heap would leave holes as large as themselves.
    """

    def __init__(self, row_shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self._shape = row_shape
        self._dtype = np.dtype(dtype)
        self._row_values = int(np.prod(row_shape, dtype=np.int64))
        self._rows = self._room(FIRST_BYTES // (self._row_values * self._dtype.itemsize))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, rows: NDArray[Any]) -> None:
        """Put rows (n, *row_shape) behind those that are there."""
        end = self._count + len(rows)
        if end > len(self._rows):
            larger = self._room(max(end, 2 * len(self._rows)))
            larger[: self._count] = self._rows[: self._count]
            self._rows = larger
        self._rows[self._count : end] = rows
        self._count = end

    def first(self, count: int) -> NDArray[Any]:
        """The first ``count`` rows, zeros behind the last; a view."""
        if count > self._count:
            self.append(np.zeros((count - self._count, *self._shape), self._dtype))
        return self._rows[:count]

    def all(self) -> NDArray[Any]:
        """All rows, a view."""
        return self._rows[: self._count]

    def _room(self, rows: int) -> NDArray[Any]:
        values = rows * self._row_values
        pages = mmap.mmap(-1, values * self._dtype.itemsize)
        return np.frombuffer(pages, self._dtype, values).reshape(rows, *self._shape)
