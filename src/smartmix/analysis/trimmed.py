"""Facts as they would be with a source turned up or down: what a threshold sees behind a trim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from smartmix.analysis.analysis import Analysis, Features, ShortLevels, TrackFacts
from smartmix.analysis.compact import STEPS_PER_DB, Codes
from smartmix.analysis.tone import ToneFacts
from smartmix.audio.panning import pan_gains
from smartmix.session.session import Session, Track
from smartmix.units import db_to_power

LEAST_LEFT = 1e-3
"""No cell of the sum loses more than 30 dB by a trim: where cross terms are large the difference of powers misleads."""


def with_trims(session: Session, analysis: Analysis, trims_db: Mapping[str, float]) -> Analysis:
    """The analysis with these tracks' levels shifted (dB, by track id), ``session``'s gains and pans being as they are.

    The sum's band powers follow by what its members' powers change (their cross terms stay as they were: a good
    approximation for trims of a few dB); its other figures, and the buses, stay as measured.
    """
    wanted = {name: gain_db for name, gain_db in trims_db.items() if gain_db and name in analysis.tracks}
    if not wanted:
        return analysis
    tracks = {
        name: trimmed(facts, wanted[name]) if name in wanted else facts
        for name, facts in analysis.tracks.items()
    }
    heard = {t.id: t for t in session.audible_tracks}
    members = [
        (heard[name], analysis.tracks[name], gain_db) for name, gain_db in wanted.items() if name in heard
    ]
    return replace(analysis, tracks=tracks, sum=_sum_with(analysis.sum, members))


def _sum_with(total: TrackFacts, members: list[tuple[Track, TrackFacts, float]]) -> TrackFacts:
    sides = []
    for side, power in enumerate((total.features.left_power, total.features.right_power)):
        changed = power.astype(np.float64)
        for track, facts, gain_db in members:
            share = (
                db_to_power(track.gain_db) * pan_gains(track.pan)[side] ** 2 * (db_to_power(gain_db) - 1.0)
            )
            own = facts.features.left_power if side == 0 else facts.features.right_power
            changed[: len(own)] += share * own[: len(changed)]
        sides.append(np.maximum(changed, LEAST_LEFT * power).astype(np.float32))
    features = total.features
    moved = Features.of_powers(sides[0], sides[1], features.loudness_lufs, features.active)
    return replace(total, features=moved)


def trimmed(facts: TrackFacts, gain_db: float) -> TrackFacts:
    """The facts of one source as if it were ``gain_db`` louder. Ratios (crest, correlation, range) do not change."""
    loud = facts.loudness
    return replace(
        facts,
        loudness=replace(
            loud,
            integrated_lufs=loud.integrated_lufs + gain_db,
            momentary_max_lufs=loud.momentary_max_lufs + gain_db,
            short_term_max_lufs=loud.short_term_max_lufs + gain_db,
            true_peak_dbtp=loud.true_peak_dbtp + gain_db,
            sample_peak_dbfs=loud.sample_peak_dbfs + gain_db,
        ),
        active_lufs=facts.active_lufs + gain_db,
        spectrum_db=facts.spectrum_db + np.float32(gain_db),
        section_lufs={name: level + gain_db for name, level in facts.section_lufs.items()},
        noise_floor_dbfs=facts.noise_floor_dbfs + gain_db,
        short_levels_db=ShortLevels(
            tuple(level + gain_db for level in facts.short_levels_db.peak_dbfs),
            tuple(level + gain_db for level in facts.short_levels_db.rms_dbfs),
        ),
        features=_features(facts.features, gain_db),
        tone=None if facts.tone is None else _tone(facts.tone, gain_db),
    )


def _tone(tone: ToneFacts, gain_db: float) -> ToneFacts:
    gain = np.float32(gain_db)
    spectrum, esses, levels = tone.spectrum, tone.sibilance, tone.levels
    return ToneFacts(
        None if spectrum is None else replace(spectrum, levels_db=spectrum.levels_db + gain),
        None
        if esses is None
        else replace(
            esses,
            event_db=tuple(level + gain_db for level in esses.event_db),
            voice_db=esses.voice_db + gain_db,
            vowel_peak_db=esses.vowel_peak_db + gain_db,
            frames_db=esses.frames_db + gain,
        ),
        None
        if levels is None
        else replace(
            levels,
            rms_db=levels.rms_db + gain,
            peak_db=levels.peak_db + gain,
            weighted_db=levels.weighted_db + gain,
        ),
    )


def _features(features: Features, gain_db: float) -> Features:
    left = _shifted(features.left_codes, gain_db)
    mono = features.right_codes is features.left_codes
    return replace(
        features,
        left_codes=left,
        right_codes=left if mono else _shifted(features.right_codes, gain_db),
        loudness_lufs=features.loudness_lufs + np.float32(gain_db),
    )


def _shifted(codes: Codes, gain_db: float) -> Codes:
    moved = np.clip(codes.astype(np.int32) + round(gain_db * STEPS_PER_DB), 1, 65_535)
    return np.where(codes > 0, moved, 0).astype(np.uint16)
