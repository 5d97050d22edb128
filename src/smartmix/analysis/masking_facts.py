"""MaskingFacts: who covers whom in a session, where and when, small enough to keep and to write down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.figures import hertz, number, span

LOWEST_DB = -20.0
STEP_DB = 0.5
"""Levels at the ear are kept in steps of half a dB from -20 dB (0: under that, which nobody hears) to 106.5 dB."""
SAID_EQUAL_DB = 0.5

Bytes = NDArray[np.uint8]
Halves = NDArray[np.float16]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MaskedPlace:
    """One track covering another in one band and one part of the song, as an engineer would say it.

    ``over_db`` is the level of the covering over the covered track in ``band_hz``, as the ear filters them; below 0
    where something lower in pitch reaches up. ``span_s`` runs from the first to the last moment of it, ``seconds`` is
    how long it lasts in all. ``lost_share`` 0..1 is what the covered track loses to this one, of its loudness there.
    """

    covered: str
    covering: str
    band_hz: tuple[float, float]
    span_s: tuple[float, float]
    seconds: float
    over_db: float
    lost_share: float
    section: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class MaskingCells:
    """The fine grain that opinions are formed on; in memory only. All arrays are (tracks, cells, bands).

    ``level_codes`` is what the ear gets of each track (decode_level), ``cover_codes`` the level of a noise that would
    cover others as much (a held tone covers less than it is loud, and a hit goes on covering for a while).
    ``alone_sone`` and ``heard_sone`` are loudness by itself and beside all others. What is won when others give way
    a little is measured, not reckoned: a drum covers in its hits only, whatever its mean level. ``eased_all_sone`` is
    won if all others were 3 dB down; ``eased_sone`` (covered, covering, columns, bands) if that one were, a mean over
    columns of ``eased_cells`` cells.
    """

    times_s: Array
    level_codes: Bytes
    cover_codes: Bytes
    alone_sone: Halves
    heard_sone: Halves
    eased_all_sone: Halves
    eased_sone: Halves
    eased_cells: int


@dataclass(frozen=True, slots=True, eq=False)
class MaskingFacts:
    """What the audible tracks of a session do to one another, at the session's faders (docs/dsp/masking.md).

    ``times_s`` are the middles of the map's columns, at most one a second and 600 a song; bands are 40, equally wide
    for the ear. The first index of a pair is the covered, the second the covering track. ``listening_level_db_spl``:
    how loud the sum is taken to be played.
    """

    tracks: tuple[str, ...]
    band_edges_hz: Array
    times_s: Array
    column_s: float
    """Length of a column of the map."""
    listening_level_db_spl: float
    heard_share: Array
    """(tracks,) share of each track's loudness that is still heard in the mix, 0..1; 1 for a silent one."""
    lost_share: Array
    """(covered, covering) share of its loudness that one other track alone takes from it. These do not add up."""
    freed_share: Array
    """(covered, covering) share of its loudness that it would win if that one track left the mix: the blame."""
    covered: Bytes
    """(tracks, times, bands) share of its loudness there that is lost to all others, 0..255 for 0..1."""
    level_codes: Bytes
    """(tracks, times, bands) level at the ear; ``level_db`` decodes it."""
    events: tuple[MaskedPlace, ...]
    """The ten worst places, the gravest first; tracks that matter more count more."""
    left_out: tuple[str, ...] = ()
    """The faintest tracks of a session of more than 64, which are not looked at."""
    cells: MaskingCells | None = None

    @property
    def level_db(self) -> NDArray[np.float32]:
        """(tracks, times, bands) level of each track at the ear, dB; -inf where there is nothing."""
        return decode_level(self.level_codes)

    @property
    def covered_share(self) -> NDArray[np.float32]:
        """(tracks, times, bands) share of its loudness there that each track loses to all others, 0..1."""
        return np.asarray(self.covered / np.float32(255.0), np.float32)

    def renamed(self, names: Mapping[str, str]) -> MaskingFacts:
        """The same facts with these tracks' ids changed (new id by old)."""

        def new(id_: str) -> str:
            return names.get(id_, id_)

        return replace(
            self,
            tracks=tuple(new(t) for t in self.tracks),
            left_out=tuple(new(t) for t in self.left_out),
            events=tuple(replace(e, covered=new(e.covered), covering=new(e.covering)) for e in self.events),
        )

    def index(self, track: str) -> int:
        """Where a track stands in the arrays; KeyError if it is not in them."""
        try:
            return self.tracks.index(track)
        except ValueError:
            raise KeyError(track) from None


def encode_level(power: NDArray[np.floating]) -> Bytes:
    """Powers at the ear as levels in half dB, one byte each."""
    with np.errstate(divide="ignore"):
        level = 10.0 * np.log10(power)
    steps = np.clip(np.rint((level - LOWEST_DB) / STEP_DB), -1.0, 254.0) + 1.0
    return np.asarray(np.where(power > 0.0, steps, 0.0), np.uint8)


def decode_level(codes: Bytes) -> NDArray[np.float32]:
    """Levels, dB, to a quarter of a dB; -inf for what is under the range."""
    level = LOWEST_DB + STEP_DB * (codes.astype(np.float32) - 1.0)
    return np.asarray(np.where(codes > 0, level, -np.inf), np.float32)


def encode_share(share: NDArray[np.floating]) -> Bytes:
    """Shares 0..1 in a byte."""
    return np.asarray(np.rint(255.0 * np.clip(share, 0.0, 1.0)), np.uint8)


def over_words(over_db: float) -> str:
    """How far one lies over the other: "4 dB over", "level with", "2 dB under"."""
    if abs(over_db) < SAID_EQUAL_DB:
        return "level with"
    figure = number(abs(over_db), 0 if abs(over_db) >= 1.5 else 1)
    return f"{figure} dB {'over' if over_db > 0 else 'under'}"


def band_words(band_hz: tuple[float, float]) -> str:
    """A band as it is said: "250 to 400 Hz"."""
    low, high = (_round(hz) for hz in band_hz)
    return f"{low:.0f} to {hertz(high)}" if high < 999.5 else f"{hertz(low)} to {hertz(high)}"


def _round(hz: float) -> float:
    """To what an ear tells apart: two digits, three from a kilohertz up."""
    step = 10.0 if hz < 1000.0 else 100.0
    return max(step * round(hz / step), 10.0)


def place_words(
    names: tuple[str, str],
    band_hz: tuple[float, float],
    over_db: float,
    span_s: tuple[float, float],
    section: str,
) -> str:
    """ "GTR L sits 4 dB over Lead Vox at 250 to 400 Hz (1:04-1:35, chorus 1)"; ``names`` are (covered, covering)."""
    covered, covering = names
    part = section.partition(" (")[0]  # a part without a name has its times in brackets
    where = span(span_s) + (f", {part}" if part else "")
    if over_db <= -SAID_EQUAL_DB:
        figure = number(abs(over_db), 0 if over_db <= -1.5 else 1)
        return f"{covering} covers {covered} from {figure} dB below it at {band_words(band_hz)} ({where})"
    return f"{covering} sits {over_words(over_db)} {covered} at {band_words(band_hz)} ({where})"
