"""Seeded randomness: one independent, repeatable stream for each named use."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

SEED = 20_240_501
_in_use: ContextVar[int] = ContextVar("seed", default=SEED)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Within it every stream belongs to this seed: another take of everything. None is the house seed."""
    token = _in_use.set(SEED if seed is None else seed)
    try:
        yield
    finally:
        _in_use.reset(token)


def stream(name: str) -> np.random.Generator:
    """The random stream of this name: the same numbers on every call, unrelated to every other name's."""
    return np.random.Generator(np.random.Philox(key=[_in_use.get(), zlib.crc32(name.encode())]))
