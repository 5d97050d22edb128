"""What a .rpp gives back: a project written here, and files of others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from interop.scenes import plain_plan, session
from smartmix.errors import InteropError
from smartmix.interop.from_plan import hand_over
from smartmix.interop.lanes import added
from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.write import in_folders, write


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    sent = hand_over(session(tmp_path), plain_plan(), frozenset({"regions"})).project
    write(sent, tmp_path / "s.rpp", audio="link", origin=None, force=False)
    back = read(tmp_path / "s.rpp")
    ours = [t for t in in_folders(sent.tracks) if t.kind != "master"]
    assert [t.name for t in back.tracks] == [t.name for t in ours]
    names = {t.id: t.name for t in (*ours, *back.tracks)}
    for mine, theirs in zip(ours, back.tracks, strict=True):
        assert (names.get(theirs.parent or ""), theirs.muted) == (names.get(mine.parent or ""), mine.muted)
        volume = added(mine.trim, mine.volume)
        assert [p.time_s for p in theirs.volume.points] == pytest.approx([p.time_s for p in volume.points])
        assert [p.value for p in theirs.volume.points] == pytest.approx(
            [p.value for p in volume.points], abs=1e-6
        )
        if not volume.points:
            assert theirs.volume.value == pytest.approx(volume.value, abs=1e-6)
        assert theirs.pan.value == pytest.approx(mine.pan.value)
        assert theirs.comment == (mine.comment if mine.clips else "")
        assert [c.time_s for c in theirs.clips] == pytest.approx([c.time_s for c in mine.clips])
    assert [(m.name, m.time_s) for m in back.markers] == [(m.name, m.time_s) for m in sent.markers]
    assert [(t.time_s, t.bpm, t.numerator) for t in back.tempo] == [
        (t.time_s, t.bpm, t.numerator) for t in sent.tempo
    ]


def test_pan_rides_and_sends_come_back(tmp_path: Path) -> None:
    from smartmix.interop.model import Control, Send, Track
    from smartmix.parameter import Breakpoint

    base = hand_over(session(tmp_path), plain_plan(), frozenset()).project
    swing = Control(-0.5, (Breakpoint(0.0, -0.5), Breakpoint(1.0, 0.5, "hold"), Breakpoint(2.0, 0.0)))
    sends = (Send("b", Control(-6.0), pre=True, enabled=False),)
    sent = replace(base, tracks=(Track("a", "A", pan=swing, sends=sends), Track("b", "B")))
    write(sent, tmp_path / "s.rpp", audio="none", origin=None, force=False)
    a, b = read(tmp_path / "s.rpp").tracks
    assert a.pan == swing
    assert (a.sends[0].to, a.sends[0].pre, a.sends[0].enabled) == (b.id, True, False)
    assert a.sends[0].level.value == pytest.approx(-6.0)


def test_two_folders_that_end_on_one_track(tmp_path: Path) -> None:
    from smartmix.interop.model import Track

    base = hand_over(session(tmp_path), plain_plan(), frozenset()).project
    tracks = (Track("g", "G"), Track("h", "H", parent="g"), Track("x", "X", parent="h"), Track("y", "Y"))
    write(replace(base, tracks=tracks), tmp_path / "s.rpp", audio="none", origin=None, force=False)
    g, h, x, y = read(tmp_path / "s.rpp").tracks
    assert (g.parent, h.parent, x.parent, y.parent) == (None, g.id, h.id, None)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<TRACK\nVOLPAN nan 0\n>\n", "VOLPAN"),
        ("<TRACK\nVOLPAN x 0\n>\n", "VOLPAN"),
        ("<TRACK\nAUXRECV 7 0 1\n>\n", "AUXRECV"),
        ("<TRACK\n<ITEM\nPOSITION 1e300\n<SOURCE WAVE\nFILE a.wav\n>\n>\n>\n", "POSITION"),
    ],
)
def test_a_hostile_project_is_refused_in_a_line(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "x.rpp"
    path.write_text(f"<REAPER_PROJECT 0.1\n{body}>\n")
    with pytest.raises(InteropError, match=said):
        read(path)
