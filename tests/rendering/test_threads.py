"""SMARTMIX_THREADS: what it may say, and that it changes no sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixes import RATE, eq_move, move_of, noise, plan_of, recorded, session_of
from smartmix.errors import SmartmixError
from smartmix.rendering import render
from smartmix.rendering.threads import thread_count


@pytest.mark.parametrize(("word", "count"), [("", 1), ("1", 1), ("3", 3), (" 64 ", 64)])
def test_the_number_is_taken(monkeypatch: pytest.MonkeyPatch, word: str, count: int) -> None:
    monkeypatch.setenv("SMARTMIX_THREADS", word)
    assert thread_count() == count


def test_auto_is_what_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTMIX_THREADS", "auto")
    assert 1 <= thread_count() <= 64
    monkeypatch.delenv("SMARTMIX_THREADS")
    assert thread_count() == 1


@pytest.mark.parametrize("word", ["0", "65", "-1", "many", "2.5"])
def test_other_words_are_refused(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("SMARTMIX_THREADS", word)
    with pytest.raises(SmartmixError, match="expected auto or a number from 1 to 64"):
        thread_count()


def test_a_render_with_threads_has_the_same_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"t{index}" for index in range(10)]
    tracks = [recorded(tmp_path, name, noise(2, 2 * RATE, index)) for index, name in enumerate(names)]
    moves = [eq_move(f"m{i}", name, "bell", 500.0, gain_db=-3.0) for i, name in enumerate(names)]
    squeeze = {"t3/compressor/threshold_db": -30.0, "t3/compressor/ratio": 3.0}
    plan = plan_of(*moves, move_of("c", squeeze, span_s=(0.4, 1.5)))
    mixes = []
    for word in ("1", "2", "4"):
        monkeypatch.setenv("SMARTMIX_THREADS", word)
        mixes.append(render(session_of(*tracks), plan).samples)
    assert np.array_equal(mixes[0], mixes[1])
    assert np.array_equal(mixes[0], mixes[2])
