"""What is hitting the limiter: whose energy is there while it works, and in which part of the spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, OCTAVE_GROUP_EDGES_HZ, OCTAVE_GROUPS, Analysis
from smartmix.analysis.bands import erb_bands
from smartmix.audio.io import probe, stream
from smartmix.automation.targets import is_locked
from smartmix.plan import MixPlan
from smartmix.plan.conflicts import resolve
from smartmix.session import Session
from smartmix.session.routing import bus_gain_db, bus_members
from smartmix.units import db_to_gain, db_to_power
from smartmix.workflow.limiter_bands import BandShare, band_shares

WORKS_DB = 0.5
"""A tenth of a second with less reduction than this is not the limiter at work."""
LOUD = 0.05
"""Samples under -26 dBFS say nothing about the gain: dither and rounding would."""
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class LimiterShare:
    """One track's part in the limiting: its share of the energy while the limiter works, weighted by how much it takes,
    and where in the spectrum most of that energy lies.
    """

    track: str
    share: float
    band: str
    band_share: float


@dataclass(frozen=True, slots=True, eq=False)
class LimiterWork:
    """When the limiter works (``working_s`` seconds in all, most, ``hardest_db``, at ``hardest_s``), for whom and what.

    ``shares`` are tracks, the largest first; ``bands`` are of the mix as it goes in, from low to high.
    """

    working_s: float
    hardest_s: float
    hardest_db: float
    shares: tuple[LimiterShare, ...]
    bands: tuple[BandShare, ...] = ()


def limiter_work(
    session: Session,
    analysis: Analysis,
    plan: MixPlan,
    taken: NDArray[np.float64],
    mix_band_power: NDArray[np.floating] | None = None,
) -> LimiterWork | None:
    """Whose energy is there while the limiter takes ``taken`` dB (per tenth of a second, see ``reduction_db``).

    None when it hardly works. ``mix_band_power`` (frames, ERB bands) of the written mix tells in which bands. The
    energy of tracks is counted behind the faders, before EQ and dynamics: shares are a guide to
    which fader or which band to look at first, not a promise of what turning it down would buy.
    """
    if not (taken >= WORKS_DB).any():
        return None
    weight = np.where(taken >= WORKS_DB, taken, 0.0)
    shares = _shares(session, analysis, plan, weight)
    hardest = int(np.argmax(taken))
    return LimiterWork(
        working_s=float((taken >= WORKS_DB).sum() / FRAME_RATE_HZ),
        hardest_s=hardest / FRAME_RATE_HZ,
        hardest_db=float(taken[hardest]),
        shares=tuple(shares[:MOST_SHOWN]),
        bands=()
        if mix_band_power is None
        else band_shares(mix_band_power, erb_bands(session.sample_rate)[1], weight),
    )


def reduction_db(mix_file: Path, master_file: Path, gain_db: float) -> NDArray[np.float64]:
    """How much the limiter took at most in each tenth of a second, dB, from what went in and what came out."""
    rate = probe(mix_file).sample_rate
    hop = round(rate / FRAME_RATE_HZ)
    gain = db_to_gain(gain_db)
    found = []
    blocks = zip(
        stream(mix_file, block_frames=hop * 50), stream(master_file, block_frames=hop * 50), strict=False
    )
    for before, after in blocks:
        frames = min(before.shape[1], after.shape[1])
        driven = np.abs(before[:, :frames]) * np.float32(gain)
        heard = np.maximum(np.abs(after[:, :frames]), np.float32(1e-6))
        ratio = np.where(driven > LOUD, driven / heard, 1.0).max(axis=0)
        padded = np.pad(ratio, (0, -frames % hop), constant_values=1.0)
        found.append(20.0 * np.log10(padded.reshape(-1, hop).max(axis=1)))
    return np.concatenate(found).astype(np.float64) if found else np.zeros(0)


def _shares(
    session: Session, analysis: Analysis, plan: MixPlan, weight: NDArray[np.float64]
) -> list[LimiterShare]:
    groups = np.searchsorted(OCTAVE_GROUP_EDGES_HZ, analysis.band_hz)
    powers: dict[str, NDArray[np.float64]] = {}
    for track in session.audible_tracks:
        by_frame = analysis.tracks[track.id].features.band_power.astype(np.float64)
        frames = min(len(by_frame), weight.size)
        level = _fader_db(session, plan, track.id, frames)
        by_band = (weight[:frames] * db_to_power(level)) @ by_frame[:frames]
        powers[track.id] = np.bincount(groups, by_band, minlength=len(OCTAVE_GROUPS)).astype(np.float64)
    total = sum(float(p.sum()) for p in powers.values())
    if total <= 0.0:
        return []
    found = []
    for track_id, by_group in powers.items():
        own, top = float(by_group.sum()), int(np.argmax(by_group))
        part = float(by_group[top]) / own if own else 0.0
        found.append(LimiterShare(track_id, own / total, OCTAVE_GROUPS[top], part))
    return sorted(found, key=lambda s: (-s.share, s.track))


def _fader_db(session: Session, plan: MixPlan, track_id: str, frames: int) -> NDArray[np.float64]:
    """Level changes of a track by trims and faders, its buses' included, per frame; a group leaves a locked track."""
    track = session.track(track_id)
    times = (np.arange(frames) + 0.5) / FRAME_RATE_HZ
    level = np.full(frames, track.gain_db + bus_gain_db(session, track_id))
    for move in resolve(plan)[0]:
        for item in move.sets:
            group = item.ref.track != track_id
            if item.ref.device not in ("fader", "trim") or track_id not in bus_members(
                session, item.ref.track
            ):
                continue
            if group and is_locked(session, plan, track):
                continue
            value = item.value
            if isinstance(value, tuple):
                level += np.interp(times, [p.time_s for p in value], [p.value for p in value])
            elif isinstance(value, float):
                inside = np.ones(frames, bool)
                if move.span_s is not None:
                    inside = (times >= move.span_s[0]) & (times < move.span_s[1])
                level += np.where(inside, value, 0.0)
    return level
