"""Threads of Python: the GIL is let go while samples are at work, and objects of their own never meet."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from properties.support import channel_count, noise, prepared, random_events, random_settings, run, same_bits
from smartmix import _core


@pytest.fixture
def no_turns() -> Iterator[None]:
    """Python takes the GIL from nobody: another thread runs only where it is let go."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(3600.0)
    yield
    sys.setswitchinterval(before)


def long_jobs() -> dict[str, Callable[[], object]]:
    audio = noise(2, 400_000)
    eq = prepared("parametric_eq", {"band1.shape": 1.0, "band1.gain_db": 3.0})
    bank, meter = _core.StripBank(48_000.0, [2]), _core.LoudnessMeter(48_000.0, 2)
    limiter, hops = _core.TruePeakLimiter(48_000.0, 2), _core.HopMeter(48_000.0, 2)
    return {
        "processor": lambda: eq.process(audio),
        "strip bank": lambda: bank.process([audio]),
        "loudness meter": lambda: meter.process(audio),
        "limiter": lambda: limiter.process(audio),
        "hop meter": lambda: hops.process(audio),
    }


@pytest.mark.parametrize("name", list(long_jobs()))
def test_the_gil_is_let_go(name: str, no_turns: None) -> None:
    job, go, seen = long_jobs()[name], threading.Event(), []

    def watch() -> None:
        go.wait()
        seen.append(True)

    watcher = threading.Thread(target=watch)
    watcher.start()
    go.set()
    sum(range(100_000))
    assert not seen  # Python alone gives no turn
    for _ in range(200):  # a busy machine may wake the other thread too late once
        job()
        if seen:
            break
    found = list(seen)
    watcher.join()
    assert found


def test_each_thread_its_own_processor() -> None:
    names = _core.processor_names()

    def played(name: str) -> Any:
        rng = np.random.default_rng(4)
        processor = prepared(name, random_settings(name, rng))
        return run(
            processor, noise(channel_count(name), 20_000), random_events(name, rng, 20_000, 30), [3000, 9001]
        )

    alone = {name: played(name) for name in names}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(played, names * 4))
    for name, result in zip(names * 4, together, strict=True):
        assert same_bits(result, alone[name]), name


def test_an_object_in_use_says_so() -> None:
    """Two threads in one processor: one of them is refused, and nothing is torn."""
    reverb, audio = prepared("reverb", {"mix": 1.0}), noise(2, 200_000)
    refused: list[str] = []

    def use() -> None:
        for _ in range(8):
            try:
                out = reverb.process(audio)
            except RuntimeError as error:
                refused.append(str(error))
            else:
                assert np.all(np.isfinite(out))

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(use) for _ in range(2)]:
            future.result()
    assert all("already in use by another thread" in text for text in refused)
