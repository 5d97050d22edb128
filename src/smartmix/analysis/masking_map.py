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
from smartmix.analysis.masking_facts import MaskedPlace, MaskingCells, MaskingFacts
from smartmix.analysis.masking_gather import GatheredMap
from smartmix.analysis.masking_places import worst_places
from smartmix.audio.panning import pan_gains
from smartmix.progress import Progress
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Section, Session, Track
from smartmix.session.source import stream_placed_source
from smartmix.units import db_to_gain

__all__ = ["MaskedPlace", "MaskingCells", "MaskingFacts", "map_masking"]

BLOCK_FRAMES = 16_384
_NATIVE_RATES_HZ = (44_100, 48_000)
Floats = NDArray[np.float32]


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
    gathered = GatheredMap(tuple(track.id for track in audible), rate, frames, LISTENING_LEVEL_DB_SPL)
    for start in range(0, frames, BLOCK_FRAMES):
        if progress is not None:
            progress("listening for what covers what", start / frames)
        length = min(BLOCK_FRAMES, frames - start)
        meter.process([source.next_block(length) for source in sources])
        gathered.take(meter.take_cells())
    meter.finish()
    gathered.take(meter.take_cells())
    events = worst_places(session, gathered.events.finish(), sections)
    return gathered.facts(events, left_out)


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
