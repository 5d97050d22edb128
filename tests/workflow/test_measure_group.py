"""A start from the rough mix has to bring the mix nearer to it by something one can read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from smartmix.plan import MixPlan
from smartmix.workflow import measure_levels


@pytest.mark.parametrize(("was", "now", "beats"), [(1.02, 1.0, False), (1.9, 1.7, True), (1.0, 1.2, False)])
def test_a_balance_that_brings_nothing_is_backed_out(
    monkeypatch: pytest.MonkeyPatch, was: float, now: float, beats: bool
) -> None:
    distance = {"sum": was, "mix": now}
    monkeypatch.setattr(measure_levels, "stream", lambda *_args, **_more: iter(()))
    monkeypatch.setattr(measure_levels, "rendered", lambda *_args, **_more: "mix")
    monkeypatch.setattr(measure_levels, "rough_distance_db", lambda facts, _rough: distance[facts])
    analysis = SimpleNamespace(rough="rough", sum="sum")
    session = SimpleNamespace(sample_rate=48_000)
    move = SimpleNamespace(id="m1", sets=())
    assert measure_levels._first_balance(session, analysis, MixPlan("song"), move)[1] is beats
