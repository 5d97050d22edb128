"""A start from the rough mix has to bring the mix nearer to it by something one can read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from smartmix.workflow import measure


@pytest.mark.parametrize(("was", "now", "beats"), [(1.02, 1.0, False), (1.9, 1.7, True), (1.0, 1.2, False)])
def test_a_balance_that_brings_nothing_is_backed_out(
    monkeypatch: pytest.MonkeyPatch, was: float, now: float, beats: bool
) -> None:
    distance = {"sum": was, "mix": now}
    monkeypatch.setattr(measure, "stream", lambda *_args, **_more: iter(()))
    monkeypatch.setattr(measure, "extract", lambda *_args: "mix")
    monkeypatch.setattr(measure, "_distance_db", lambda facts, _rough: distance[facts])
    analysis = SimpleNamespace(rough="rough", sum="sum")
    session = SimpleNamespace(sample_rate=48_000)
    move = SimpleNamespace(id="m1", sets=())
    assert measure._measure_group(session, analysis, None, move).beats_bypass is beats
