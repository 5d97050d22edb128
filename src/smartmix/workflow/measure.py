"""Measuring what a move did on rendered audio: each move alone against its own bypass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smartmix.analysis.analysis import Analysis, TrackFacts
from smartmix.audio import Samples
from smartmix.figures import hertz, number
from smartmix.plan import MixPlan, Move
from smartmix.plan.keyed import keys_of
from smartmix.plan.staging import bypass
from smartmix.processors import ParametricEQ
from smartmix.rendering import stream, stream_bus, stream_track
from smartmix.session import Session
from smartmix.units import mean_db, power_to_db
from smartmix.workflow.after import Rendered, rendered
from smartmix.workflow.before import track_before
from smartmix.workflow.matching import is_match, match_outcome
from smartmix.workflow.measure_compressor import compressor_outcome
from smartmix.workflow.measure_corrective_eq import bulge_outcome, resonance_outcome
from smartmix.workflow.measure_de_esser import de_esser_outcome
from smartmix.workflow.measure_keyed import keyed_outcome
from smartmix.workflow.measure_levels import level_outcome
from smartmix.workflow.measure_repairs import is_repair, measure_repair

MIX = "mix"
"""What a plan calls the sum of all."""
WORTH_DB = 1.0
"""A filter that takes away less than this below its corner did not earn its place."""
MAX_SIDE_EFFECT_LU = 0.5
LEVEL_TOLERANCE_DB = 0.1
SILENT_LUFS = -150.0
"""A move that silences a track is told as a change down to this."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The render's verdict on one move: what changed, in words, and whether it beats its own bypass."""

    text: str
    beats_bypass: bool


def measure_move(session: Session, analysis: Analysis, plan: MixPlan, move: Move) -> Measured:
    """Render the move alone, behind the trims in force, and compare with the tracks without it."""
    if not move.sets:
        return Measured("advice, nothing is set", True)
    if is_match(move):
        return Measured(*match_outcome(session, plan, move))
    if is_repair(move):
        return Measured(*measure_repair(session, plan, move))
    level = level_outcome(session, analysis, plan, move)
    if level is not None:
        return Measured(*level)
    if move.grouped or len({item.ref.track for item in move.sets}) > 1:
        return Measured(f"{len(move.sets)} settings as written", True)
    track = move.sets[0].ref.track
    if all(each.id != track for each in session.tracks):
        return _measure_sum(session, analysis, plan, move, track)
    corrected = _measure_correction(session, plan, move, track)
    if corrected is not None:
        return corrected
    filtered = _filter_corner(move, "high_pass")
    if filtered is not None:
        before = track_before(session, analysis, plan, move, track, bands=False)
        return _measure_high_pass(session, plan, move, filtered, before)
    before = track_before(session, analysis, plan, move, track, bands=True)
    after = rendered(stream_track(session, plan, track, solo_move=move.id), session.sample_rate, bands=True)
    return _measure_spectrum(analysis, before, after)


def _measure_sum(session: Session, analysis: Analysis, plan: MixPlan, move: Move, owner: str) -> Measured:
    """A move on the mix or a bus: the spectrum of the sum with it and without; that of a return is not measured."""
    if owner == MIX:
        pair = stream(session, bypass(plan, move.id)), stream(session, plan, solo_move=move.id)
    elif any(bus.id == owner for bus in session.buses):
        pair = (
            stream_bus(session, bypass(plan, move.id), owner),
            stream_bus(session, plan, owner, solo_move=move.id),
        )
    else:
        return Measured(f"{len(move.sets)} settings as written", True)
    before, after = (rendered(blocks, session.sample_rate, bands=True) for blocks in pair)
    return _measure_spectrum(analysis, before, after)


def _measure_correction(session: Session, plan: MixPlan, move: Move, track: str) -> Measured | None:
    """Corrective EQ, de-esser and compressor are measured for what they promise; None for any other move."""
    keys = sorted(keys_of(move))
    if len(keys) == 1:
        return Measured(*keyed_outcome(session, plan, move, keys[0]))
    device = move.sets[0].ref.device
    fact = next((f for f in move.evidence if f.kind in ("resonance", "bulge") and f.band_hz), None)
    if device not in ("de_esser", "compressor") and (device != "eq" or fact is None):
        return None
    before = stream_track(session, bypass(plan, move.id), track)
    after = stream_track(session, plan, track, solo_move=move.id)
    rate = session.sample_rate
    if device == "de_esser":
        return Measured(*de_esser_outcome(before, after, rate))
    if device == "compressor":
        makeup = next((s.value for s in move.sets if s.ref.parameter == "makeup_db"), 0.0)
        return Measured(
            *compressor_outcome(before, after, rate, makeup if isinstance(makeup, float) else 0.0)
        )
    assert fact is not None and fact.band_hz is not None
    outcome = resonance_outcome if fact.kind == "resonance" else bulge_outcome
    return Measured(*outcome(before, after, rate, fact.band_hz))


def _filter_corner(move: Move, shape: str) -> float | None:
    """Corner frequency (Hz) of the move's filter of this shape, None if it has none."""
    if not any(item.ref.parameter.endswith(".shape") and item.value == shape for item in move.sets):
        return None
    corner = next((s.value for s in move.sets if s.ref.parameter.endswith(".freq_hz")), None)
    return corner if isinstance(corner, float) else None


def _level_change_lu(before: TrackFacts | Rendered, after: Rendered) -> float:
    """Change of the track's level (LU) over the frames in which it sounds."""
    frames = min(before.features.active.size, after.features.loudness_lufs.size)
    active = before.features.active[:frames]
    if not active.any():
        return 0.0
    old = mean_db(before.features.loudness_lufs[:frames][active])
    new = mean_db(after.features.loudness_lufs[:frames][active])
    return max(new, SILENT_LUFS) - max(old, SILENT_LUFS)


def _measure_high_pass(
    session: Session, plan: MixPlan, move: Move, corner_hz: float, before: TrackFacts | Rendered
) -> Measured:
    """Power below half an octave under the corner, with the move and without any."""
    track, below_hz, rate = move.sets[0].ref.track, corner_hz / np.sqrt(2.0), session.sample_rate
    was, now = _LowPower(rate, below_hz), _LowPower(rate, below_hz)
    for block in stream_track(session, bypass(plan, move.id), track):
        was.push(block)
    after = rendered(stream_track(session, plan, track, solo_move=move.id), rate, bands=False, also=now.push)
    level_lu = _level_change_lu(before, after)
    change = power_to_db((now.mean_square + 1e-15) / (was.mean_square + 1e-15))
    text = f"{number(change, plus=True)} dB below {below_hz:.0f} Hz, level {number(level_lu, plus=True)} LU"
    return Measured(text, change <= -WORTH_DB and abs(level_lu) <= MAX_SIDE_EFFECT_LU)


class _LowPower:
    """Mean square of what passes a 24 dB/oct low-pass at ``below_hz``."""

    def __init__(self, sample_rate: int, below_hz: float) -> None:
        self._low = ParametricEQ()
        self._low.band1.shape, self._low.band1.freq_hz, self._low.band1.slope_db_oct = (
            "low_pass",
            below_hz,
            "24",
        )
        self._rate = sample_rate
        self._total, self._frames = 0.0, 0

    def push(self, block: Samples) -> None:
        passed = self._low.process(block, self._rate, reset=self._frames == 0).astype(np.float64)
        self._total += float(np.sum(passed * passed))
        self._frames += block.shape[1]

    @property
    def mean_square(self) -> float:
        return self._total / max(1, 2 * self._frames)


def _measure_spectrum(analysis: Analysis, before: TrackFacts | Rendered, after: Rendered) -> Measured:
    change = after.spectrum_db - before.spectrum_db
    audible = before.spectrum_db > before.spectrum_db.max() - 60.0
    band = int(np.argmax(np.where(audible, np.abs(change), 0.0)))
    moved = float(change[band])
    text = f"{number(moved, plus=True)} dB around {hertz(float(analysis.band_hz[band]))}"
    return Measured(text, abs(moved) >= LEVEL_TOLERANCE_DB)
