"""An import that was worked on goes back: each change sounds in the file as it does here, or is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.scenes import FRAMES, residual_db
from interop.ways_back import CHANGES, ORIGINS, came, worked_on
from smartmix.interop.export import export_session
from smartmix.interop.to_session import import_project
from smartmix.rendering import render

ARRIVED_DB, HEARD_DB = -85.0, -45.0
"""Times in a plan are tenths of a millisecond; a change that is not heard would test nothing."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_change_arrives_or_is_said(tmp_path: Path, origin: str, change: str) -> None:
    source, what = ORIGINS[origin], CHANGES[change]
    made = came(source, tmp_path)
    song, plan = worked_on(made, what)
    again = tmp_path / f"again.{source.to}"
    losses = export_session(song, plan, again, source.to).losses
    ours = render(song, plan).samples
    assert residual_db(ours, render(made.session, made.plan).samples) > HEARD_DB
    where, words = (what.said or {}).get(source.to, ("", ""))
    if where:
        assert any(loss.where == where and words in loss.what for loss in losses), losses
        return
    third = import_project(again, tmp_path / "third")
    theirs, end = render(third.session, third.plan).samples, FRAMES  # past the song's end only tails differ
    assert residual_db(ours[:, :end], theirs[:, :end]) <= ARRIVED_DB, losses
