"""Real songs: opening them raises no false alarm, and what is said about them is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartmix.session.storage import open_session

UNREAD = {
    "audiokit_funk_loop": set(),
    "eif_caesium": set(),
    "eif_lithium": {"crush-break", "house-beat"},
    "eif_potassium": {"pad-bass"},
    "eif_rubidium": {"build", "melody-break"},
    "lmms_finalstep": {f"{n:02d}-default-preset" for n in (1, 6, 13, 14, 15, 17)},
    "lmms_mauiwowi": {
        *(f"{n:02d}-default-preset" for n in (1, 2, 4, 11)), "06-hollow-wood-2", "15-wood", "16-wood2",
    },
    "lmms_reggaetry": set(),
    "muldjord_armygeddon": {"backing"},
    "sectoid_escape": {"backing"},
}  # fmt: skip
"""Tracks whose names say no role, or two ("pad_bass"), or nothing a stranger could know ("house_beat")."""
SAID = {
    "eif_rubidium": ["pluck.flac and vox_lead.flac hold the same recording (82 % of one explains the other)"]
}
"""True: the two files are one take through different processing (coherent to 0.9, levels move alike to 0.99)."""


@pytest.mark.parametrize("name", UNREAD)
def test_a_dev_song_opens_without_a_false_alarm(dev_songs: Path, name: str) -> None:
    session = open_session(dev_songs / name)
    assert [t.name for t in session.tracks if t.muted or t.right_path or t.child_of or t.offset_frames] == []
    assert session.unusable == ()
    assert {t.id for t in session.tracks if t.role == "unknown"} == UNREAD[name]
    rest = [f.text for f in session.findings if f.kind not in ("guessed",)]
    assert [text.partition("; both")[0] for text in rest] == SAID.get(name, [])
    on_buses = {m for b in session.buses for m in b.members}
    assert on_buses == {t.id for t in session.tracks} - UNREAD[name]
