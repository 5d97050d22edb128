"""What is being mixed: tracks, buses, groups, tempo, markers. Data only; storage.py reads and writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smartmix.session.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

Material = Literal["multitrack", "prints", "unknown"]


@dataclass(frozen=True, slots=True)
class Track:
    """One source. ``offset_frames`` is where it starts on the session's time line, at the session rate.

    ``role`` is one of ``roles.ROLES`` ("lead_vocal", "kick" ... "unknown"); ``role_source`` says who named
    it: "session", "name" (read from the file name) or "none". ``priority`` 0..1 is how much the track matters
    when two fight (None: by role); a ``protect``-ed one is never cut or turned down to make room for another.
    ``locked`` tracks get no move at all. ``muted`` tracks (click, guide,
    talkback) stay silent. ``sample_rate`` (Hz) is what the file is played at: its own, unless its header is known
    to be wrong; ``channels`` and ``frames`` are the file's own. With ``right_path`` the track is a pair of mono
    files: ``path`` is the left side. Samples are read through ``source.py``. ``child_of`` is the id of the track a
    wet print or effect return belongs to. ``told`` names the keys a person set in session.toml where smartmix would
    else decide ("muted", "offset_s", "played_at_hz" ...; "listed" for any [[track]]): those are never overruled.
    """

    id: str
    name: str
    path: Path
    role: str = "unknown"
    role_source: Literal["session", "name", "none"] = "none"
    group: str | None = None
    priority: float | None = None
    protect: bool = False
    locked: bool = False
    muted: bool = False
    gain_db: float = 0.0
    pan: float = 0.0
    offset_frames: int = 0
    sample_rate: int = 0
    channels: int = 0
    frames: int = 0
    right_path: Path | None = None
    child_of: str | None = None
    told: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Bus:
    """A summing point with its own fader; ``members`` are track ids or bus ids."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """From ``time_s`` on the tempo is ``bpm`` quarter notes a minute, in bars of ``beats_per_bar`` notes of 1 /
    ``beat_unit``: 6 and 8 for 6/8.
    """

    time_s: float
    bpm: float
    beats_per_bar: int = 4
    beat_unit: int = 4


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the song: verse 1, chorus 1 ..."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Session:
    """A song to mix: ``sample_rate`` (Hz) is the rate of the mix, ``duration_s`` its whole length."""

    name: str
    root: Path
    tracks: tuple[Track, ...]
    sample_rate: int
    duration_s: float
    rough: Track | None = None
    material: Material = "unknown"
    buses: tuple[Bus, ...] = ()
    tempo_map: tuple[TempoPoint, ...] = ()
    sections: tuple[Section, ...] = ()
    locks: frozenset[str] = frozenset()
    references: tuple[Path, ...] = ()
    """Other songs the mix is to sound like: they say something about its tone, nothing about its balance."""
    match: tuple[tuple[str, Path], ...] = ()
    """What single tracks, buses or the mix ("mix") are to sound like, where a person named the pair: by id, a sound
    file or a preset of the parametric EQ."""
    notices: tuple[str, ...] = field(default=())
    """The texts of ``findings``: what was guessed, decided or set aside while opening. The report lists it first."""
    findings: tuple[Finding, ...] = field(default=())
    """What was found while opening, in the order people read it: corrections, questions, then what was done."""
    unusable: tuple[str, ...] = field(default=())
    """Names of sound files that had to be left out because they cannot be a track or the rough mix."""

    @classmethod
    def open(cls, path: str | Path, *, rough: str | Path | None = None) -> Session:
        """Open a folder of tracks or a session.toml; ``rough`` names the rough mix if the folder does not."""
        from smartmix.session.storage import open_session

        return open_session(path, rough=rough)

    def track(self, track_id: str) -> Track:
        """The track with this id; KeyError names the ids there are."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(f"no track {track_id!r}; tracks: {', '.join(t.id for t in self.tracks)}")

    @property
    def audible_tracks(self) -> tuple[Track, ...]:
        """Tracks that sound in the mix (not muted), in session order."""
        return tuple(t for t in self.tracks if not t.muted)

    @property
    def frames(self) -> int:
        """Length of the session in frames at its sample rate."""
        return round(self.duration_s * self.sample_rate)

    def section_at(self, time_s: float) -> Section | None:
        """The section playing at a time, or None."""
        return _first(s for s in self.sections if s.start_s <= time_s < s.end_s)


def _first(items: Iterable[Section]) -> Section | None:
    return next(iter(items), None)
