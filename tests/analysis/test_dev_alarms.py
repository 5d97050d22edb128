"""Every alarm on the dev songs is one that was found true: docs/metrics.md, "Alarms on clean material"."""

from __future__ import annotations

from pathlib import Path

import pytest

from smartmix.analysis.problems import find_problems
from smartmix.session.session import Session

KNOWN = {
    "eif_caesium": {("clicks", "bgvox_harmony", 1), ("clicks", "bgvox_high", 2)},
    "eif_lithium": {("clicks", "arp_dist", 1), ("clicks", "vox_lead", 3)},
    "lmms_reggaetry": {("clicks", "03_strings_high", 7), ("clicks", "04_strings_low", 3)},
    "eif_potassium": set(),
    "lmms_mauiwowi": set(),
    "sectoid_escape": set(),
}


@pytest.mark.parametrize("song", sorted(KNOWN))
def test_alarms_on_real_songs_are_the_known_true_ones(dev_songs: Path, song: str) -> None:
    session = Session.open(dev_songs / song)
    names = {track.id: track.name for track in session.tracks}
    found = {(p.kind, names[p.track], round(p.amount)) for p in find_problems(session)}
    assert found == KNOWN[song]
