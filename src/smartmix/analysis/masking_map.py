"""The masking map of a session: every audible track beside every other, read once more at the level of the sum.

A second reading is needed: how much is covered depends on how loud the mix is played, and that is known only when the
sum has been heard.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.masking import LISTENING_LEVEL_DB_SPL, MAX_TRACKS, STEREO_OF_ONE_SIDE_LU
from smartmix.analysis.masking_events import MaskingEvents
from smartmix.analysis.masking_facts import (
    MaskedPlace,
    MaskingCells,
    MaskingFacts,
    encode_level,
    encode_share,
)
from smartmix.analysis.masking_places import worst_places
from smartmix.audio.panning import pan_gains
from smartmix.progress import Progress
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Section, Session, Track
from smartmix.session.source import stream_placed_source
from smartmix.units import db_to_gain

__all__ = ["MaskedPlace", "MaskingCells", "MaskingFacts", "map_masking"]

BLOCK_FRAMES = 65_536
_NATIVE_RATES_HZ = (44_100, 48_000)
_MOST_CELLS = 2400
"""Ten minutes of quarter seconds; of a longer song each cell is a little longer, so memory does not grow."""
_MOST_COLUMNS = 600
_COLUMN_S = 1.0

Floats = NDArray[np.float32]
_PARTS = ("excitation", "covering", "alone", "beside_all")


def map_masking(
    session: Session,
    levels_lufs: Mapping[str, float],
    sum_lufs: float,
    *,
    sections: Sequence[Section] = (),
    progress: Progress | None = None,
) -> MaskingFacts | None:
    """Who covers whom among the audible tracks, as they stand at the session's faders and pans.

    ``levels_lufs`` are the tracks' own levels (-inf: silent, not read again), ``sum_lufs`` the integrated loudness of
    the plain sum, which is taken to be played at 78 dB SPL. None where nothing sounds. Rates other than 44.1 and 48 kHz
    are resampled to 48 kHz. Of more than 64 tracks the faintest are left out, and named. Errors as reading has them.
    """
    audible, left_out = _loudest(session, levels_lufs)
    if not audible or not math.isfinite(sum_lufs):
        return None
    rate = session.sample_rate if session.sample_rate in _NATIVE_RATES_HZ else 48_000
    sources = [_source(session, track, rate, levels_lufs) for track in audible]
    frames = max(source.frames for source in sources)
    full_scale_db_spl = LISTENING_LEVEL_DB_SPL - (sum_lufs - STEREO_OF_ONE_SIDE_LU)
    meter = _core.MaskingMeter(float(rate), [source.channels for source in sources], full_scale_db_spl)
    gathered = _Gathered(tuple(track.id for track in audible), rate, frames)
    for start in range(0, frames, BLOCK_FRAMES):
        if progress is not None:
            progress("listening for what covers what", start / frames)
        length = min(BLOCK_FRAMES, frames - start)
        meter.process([source.next_block(length) for source in sources])
        gathered.take(meter.take_cells())
    meter.finish()
    gathered.take(meter.take_cells())
    events = worst_places(session, gathered.events.finish(), sections)
    return replace(gathered.facts(events), left_out=left_out)


def _loudest(session: Session, levels_lufs: Mapping[str, float]) -> tuple[list[Track], tuple[str, ...]]:
    """The tracks that are looked at, in session order, and the ids of those that are not."""
    sounding = [t for t in session.audible_tracks if levels_lufs.get(t.id, -math.inf) > -math.inf]
    if len(sounding) <= MAX_TRACKS:
        return sounding, ()

    def level(track: Track) -> float:
        return levels_lufs[track.id] + track.gain_db + bus_gain_db(session, track.id)

    kept = {t.id for t in sorted(sounding, key=lambda t: -level(t))[:MAX_TRACKS]}
    return [t for t in sounding if t.id in kept], tuple(t.id for t in sounding if t.id not in kept)


@dataclass(slots=True)
class _Source:
    """A track at its place, fader and pan."""

    blocks: Iterator[Floats]
    channels: int
    frames: int
    gains: tuple[float, ...]

    def next_block(self, frames: int) -> Floats:
        """The next ``frames``; silence after the end."""
        block = next(self.blocks, None)
        out = np.zeros((self.channels, frames), np.float32)
        if block is not None:
            for row, side, gain in zip(out, block, self.gains, strict=True):
                row[: side.size] = side if gain == 1.0 else side * np.float32(gain)
        return out


def _source(session: Session, track: Track, rate: int, levels_lufs: Mapping[str, float]) -> _Source:
    """Panning a mono track keeps its power, which is all the meter looks at."""
    gain = db_to_gain(track.gain_db + bus_gain_db(session, track.id))
    gains = (gain,) if track.channels == 1 else tuple(gain * side for side in pan_gains(track.pan))
    offset = round(track.offset_frames * rate / session.sample_rate)
    placed = replace(track, offset_frames=offset)
    own_rate = track.sample_rate or session.sample_rate
    silent = not math.isfinite(levels_lufs.get(track.id, -math.inf))
    return _Source(
        blocks=iter(())
        if silent
        else stream_placed_source(placed, sample_rate=rate, block_frames=BLOCK_FRAMES),
        channels=track.channels,
        frames=max(offset + round(track.frames * rate / own_rate), 1),
        gains=gains,
    )


class _Gathered:
    """Cells as they come from the meter, in the few bytes they are kept in."""

    def __init__(self, tracks: tuple[str, ...], rate: int, frames: int) -> None:
        self._tracks = tracks
        self._hop_s = _core.MASKING_HOP / rate
        self._edges_hz = np.asarray(_core.masking_band_edges_hz())
        cell_s = _core.MASKING_CELL_HOPS * self._hop_s
        self._merged = max(1, math.ceil(frames / rate / cell_s / _MOST_CELLS))
        cells = max(1, math.ceil(frames / rate / (self._merged * cell_s)))
        in_column = max(math.ceil(_COLUMN_S / (self._merged * cell_s)), math.ceil(cells / _MOST_COLUMNS))
        self._in_column = in_column
        self._open: dict[str, list[Floats]] = {name: [] for name in _PARTS}
        self._open_hops: list[float] = []
        self._cells: list[
            tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float16], NDArray[np.float16]]
        ] = []
        self._seconds: list[float] = []
        bands = self._edges_hz.size - 1
        self._lost = np.zeros((len(tracks), len(tracks)))
        self._freed = np.zeros_like(self._lost)
        self._alone = np.zeros((len(tracks), bands))
        self._heard = np.zeros_like(self._alone)
        self._column: list[Floats] = []
        self._columns: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
        self._at_s = 0.0
        self.events = MaskingEvents(tracks, self._edges_hz)

    def take(self, cells: Mapping[str, NDArray[np.float32]]) -> None:
        for cell, hops in enumerate(cells["hops"]):
            seconds = float(hops) * self._hop_s
            alone, beside = cells["alone"][cell], cells["beside"][cell]
            lost = np.maximum(alone[:, np.newaxis, :] - beside, 0.0)
            self._lost += lost.sum(axis=2, dtype=np.float64) * seconds
            self._freed += cells["freed"][cell].sum(axis=2, dtype=np.float64) * seconds
            self._alone += alone * seconds
            self._heard += cells["beside_all"][cell] * seconds
            self.events.take(self._at_s, self._at_s + seconds, alone, lost, cells["excitation"][cell])
            self._at_s += seconds
            for name in _PARTS:
                self._open[name].append(cells[name][cell])
            self._open_hops.append(float(hops))
            if len(self._open_hops) == self._merged:
                self._close_cell()

    def _close_cell(self) -> None:
        if not self._open_hops:
            return
        hops = np.array(self._open_hops)
        level, cover, alone, heard = (
            np.tensordot(hops / hops.sum(), np.stack(self._open[name]), axes=1) for name in _PARTS
        )
        self._cells.append(
            (encode_level(level), encode_level(cover), alone.astype(np.float16), heard.astype(np.float16))
        )
        self._seconds.append(float(hops.sum()) * self._hop_s)
        self._column.append(np.stack([level, alone, heard]))
        if len(self._column) == self._in_column:
            self._close_column()
        self._open_hops.clear()
        for rows in self._open.values():
            rows.clear()

    def _close_column(self) -> None:
        if not self._column:
            return
        level, alone, heard = np.mean(self._column, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            lost = np.where(alone > 0.0, 1.0 - heard / alone, 0.0)
        self._columns.append((encode_share(lost), encode_level(level)))
        self._column.clear()

    def facts(self, events: tuple[MaskedPlace, ...]) -> MaskingFacts:
        self._close_cell()
        self._close_column()
        seconds = np.array(self._seconds)
        ends = np.cumsum(seconds)
        column_s = self._in_column * self._merged * _core.MASKING_CELL_HOPS * self._hop_s
        level, cover, alone, heard = (
            np.ascontiguousarray(np.stack(rows, axis=1)) for rows in zip(*self._cells, strict=True)
        )
        covered, map_level = (
            np.ascontiguousarray(np.stack(rows, axis=1)) for rows in zip(*self._columns, strict=True)
        )
        whole = self._alone.sum(axis=1)
        share = np.divide(self._heard.sum(axis=1), whole, out=np.ones_like(whole), where=whole > 0.0)
        each = np.maximum(whole, 1e-12)[:, np.newaxis]
        return MaskingFacts(
            tracks=self._tracks,
            band_edges_hz=self._edges_hz,
            times_s=column_s * (np.arange(len(self._columns), dtype=np.float64) + 0.5),
            column_s=column_s,
            listening_level_db_spl=LISTENING_LEVEL_DB_SPL,
            heard_share=np.clip(share, 0.0, 1.0),
            lost_share=np.clip(self._lost / each, 0.0, 1.0),
            freed_share=np.clip(self._freed / each, 0.0, 1.0),
            covered=covered,
            level_codes=map_level,
            events=events,
            cells=MaskingCells(ends - 0.5 * seconds, level, cover, alone, heard),
        )
