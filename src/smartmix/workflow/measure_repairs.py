"""Measuring a polarity or an alignment: what the two microphones' sum gained in their band, on rendered audio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fourier import rfft, sine_window
from smartmix.figures import number
from smartmix.plan import Evidence, MixPlan, Move
from smartmix.plan.staging import bypass
from smartmix.rendering import stream_track
from smartmix.session import Session
from smartmix.units import power_to_db

WINDOW_FRAMES = 16_384
"""A third of a second: bands down to 40 Hz hold a dozen bins."""
SILENT = 1e-15
WORTH_DB = 0.3
"""A sum that gains less than this in its band did not need the move (house)."""


def is_repair(move: Move) -> bool:
    """Whether a move only turns over or shifts its tracks as they are read."""
    return bool(move.sets) and all(item.ref.device == "input" for item in move.sets)


def measure_repair(session: Session, plan: MixPlan, move: Move) -> tuple[str, bool]:
    """What the move did, in words, and whether it beats its own bypass: the sum of each pair it names (or the mono fold
    of a track whose sides it turns) gained in its band, and none of them lost.
    """
    bare = bypass(plan, move.id)
    changes: list[tuple[str, float]] = []
    for fact in move.evidence:
        if fact.band_hz is None or not fact.tracks:
            continue
        before = _band_power(session, bare, fact, None)
        after = _band_power(session, plan, fact, move.id)
        changed_db = power_to_db((after + SILENT) / (before + SILENT))
        changes.append((_told(session, fact, changed_db), changed_db))
    if not changes:
        return f"{len(move.sets)} settings as written", True
    text = ", ".join(text for text, _ in changes)
    gained = [db for _, db in changes]
    return text, max(gained) >= WORTH_DB and min(gained) > -WORTH_DB


def _told(session: Session, fact: Evidence, changed_db: float) -> str:
    low, high = fact.band_hz or (0.0, 0.0)
    names = " and ".join(session.track(id_).name for id_ in fact.tracks)
    fold = " in mono" if len(fact.tracks) == 1 else ""
    return f"{names}{fold} {number(changed_db, plus=True)} dB at {low:.0f}\u2013{high:.0f} Hz"


def _band_power(session: Session, plan: MixPlan, fact: Evidence, solo_move: str | None) -> float:
    """Mean power in the fact's band of what its tracks give together; of its fold to mono where it is one track."""
    streams = [stream_track(session, plan, id_, solo_move=solo_move) for id_ in fact.tracks]
    fold = len(streams) == 1
    low, high = fact.band_hz or (0.0, session.sample_rate / 2.0)
    window = sine_window(WINDOW_FRAMES)
    hz = np.fft.rfftfreq(WINDOW_FRAMES, 1.0 / session.sample_rate)
    band = (hz >= low) & (hz <= high)
    total = 0.0
    for piece in _pieces(_summed(streams)):
        rows = piece.mean(axis=0, keepdims=True) if fold else piece
        spectrum = rfft(rows * window)[:, band]
        total += float(np.sum(spectrum.real**2 + spectrum.imag**2))
    return total


def _summed(streams: list[Iterator[NDArray[np.float32]]]) -> Iterator[NDArray[np.float64]]:
    """Blocks of several renders of one session added up; they come on the same grid."""
    for blocks in zip_longest(*streams):
        there = [block for block in blocks if block is not None]
        total = np.zeros((2, max(block.shape[1] for block in there)))
        for block in there:
            total[:, : block.shape[1]] += block
        yield total


def _pieces(blocks: Iterable[NDArray[np.float64]]) -> Iterator[NDArray[np.float64]]:
    """Windows that overlap by half, the last one padded with silence."""
    pending = np.zeros((2, 0))
    for block in blocks:
        pending = np.concatenate((pending, block), axis=1)
        while pending.shape[1] >= WINDOW_FRAMES:
            yield pending[:, :WINDOW_FRAMES]
            pending = pending[:, WINDOW_FRAMES // 2 :]
    if pending.shape[1]:
        yield np.pad(pending, ((0, 0), (0, WINDOW_FRAMES - pending.shape[1])))
