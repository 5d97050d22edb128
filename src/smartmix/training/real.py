"""Real sessions to judge by, never to learn from: figures, roles by name, levels as exported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.features import extract
from smartmix.audio.io import probe, stream
from smartmix.errors import SmartmixError
from smartmix.progress import Progress, silent
from smartmix.session import Session
from smartmix.suggesters.models.track_vector import track_vectors
from smartmix.training.bank import ROLES

COARSE = {
    "kick": "kick", "snare": "snare", "hihat": "hihat", "toms": "toms", "cymbals": "cymbals", "overheads": "cymbals",
    "percussion": "percussion", "drums": "drums", "bass": "bass", "bass_di": "bass", "bass_amp": "bass",
    "guitar": "guitar", "electric_guitar": "guitar", "acoustic_guitar": "guitar", "piano": "keys", "keys": "keys",
    "organ": "keys", "synth": "synth", "lead": "synth", "pad": "pad", "strings": "pad",
    "lead_vocal": "vocal", "backing_vocal": "vocal",
}  # fmt: skip
"""A session's role as one that a head tells apart; roles that are not here are not judged."""
LENIENT = {"lead": ("keys", "guitar"), "synth": ("keys", "pad"), "keys": ("synth",)}
"""Other answers that are not wrong: a mallet patch is keys or synth, a lead may be a guitar."""


@dataclass(frozen=True, slots=True, eq=False)
class RealSong:
    """Tracks of one real session: figures (stretches, SIZE) each, role by number or -1 (n,), the session's word for it,
    level.
    """

    name: str
    tracks: tuple[str, ...]
    stretches: tuple[NDArray[np.float32], ...]
    role: NDArray[np.int64]
    named: tuple[str, ...]
    level_lu: NDArray[np.float64]
    """Level while it sounds against the song's middle, as the artist exported it: the only balance there is."""

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Figures (n, SIZE) of each track, the mean of its stretches."""
        return np.stack([rows.mean(axis=0) for rows in self.stretches])

    def is_right(self, number: int, said: int) -> bool:
        """Whether an answer about a track is right, or one of the answers that are not wrong."""
        return said == self.role[number] or ROLES[said] in LENIENT.get(self.named[number], ())


def real_songs(folder: Path, *, progress: Progress | None = None) -> tuple[RealSong, ...]:
    """Every session in a folder, one folder each. SmartmixError when there is none."""
    report = progress or silent
    places = sorted(place for place in folder.iterdir() if place.is_dir())
    songs = []
    for number, place in enumerate(places):
        report(f"listening to {place.name}", number / len(places))
        song = _song(place)
        if song is not None:
            songs.append(song)
    if not songs:
        raise SmartmixError(f"{folder}: no sessions in it; expected a folder of tracks for each song")
    return tuple(songs)


def _song(place: Path) -> RealSong | None:
    session = Session.open(place)
    rows = []
    for track in session.audible_tracks:
        info = probe(track.path)
        facts = extract(stream(track.path), info.sample_rate, info.channels, track.name, low_end=False)
        heard = track_vectors(facts)
        if heard is not None:
            rows.append((track.name, heard, track.role, facts.active_lufs))
    if not rows:
        return None
    names, stretches, roles, levels = zip(*rows, strict=True)
    number = [ROLES.index(COARSE[role]) if role in COARSE else -1 for role in roles]
    loud = np.asarray(levels)
    return RealSong(place.name, names, stretches, np.asarray(number), roles, loud - np.median(loud))
