"""An array that gets longer without a second copy of itself lying about."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FIRST_BYTES = 1 << 19


class Growing:
    """Rows of one kind, appended block by block.

    Room is taken in large pieces that the system only fills when they are written to; many small arrays put together
    at the end would cost twice their size.
    """

    def __init__(self, row_shape: tuple[int, ...], dtype: DTypeLike) -> None:
        row_bytes = int(np.prod(row_shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        self._rows: NDArray[Any] = np.empty((max(16, FIRST_BYTES // row_bytes), *row_shape), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, rows: NDArray[Any]) -> None:
        """Put rows (n, *row_shape) behind those that are there."""
        end = self._count + len(rows)
        if end > len(self._rows):
            larger = np.empty((max(end, 2 * len(self._rows)), *self._rows.shape[1:]), self._rows.dtype)
            larger[: self._count] = self._rows[: self._count]
            self._rows = larger
        self._rows[self._count : end] = rows
        self._count = end

    def first(self, count: int) -> NDArray[Any]:
        """The first ``count`` rows, zeros behind the last; a view where there are that many."""
        if count > self._count:
            self.append(np.zeros((count - self._count, *self._rows.shape[1:]), self._rows.dtype))
        return self._rows[:count]

    def all(self) -> NDArray[Any]:
        """All rows, a view."""
        return self._rows[: self._count]
