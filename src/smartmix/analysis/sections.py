"""The parts of a song as facts: how loud each is, how it is built, who plays in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.active import mean_level
from smartmix.analysis.analysis import FRAME_RATE_HZ, Heard, SectionFacts, TrackFacts
from smartmix.analysis.features import SourceMeter, spectrum_db
from smartmix.analysis.segments import find_parts
from smartmix.analysis.stereo import stereo_figures
from smartmix.figures import span
from smartmix.session.session import Session
from smartmix.units import gain_to_db, power_to_db

PLAYS_SHARE = 0.05
"""A track plays in a section if it sounds in at least this share of it."""

Named = tuple[str, float, float]


def sections_of(
    session: Session, facts: Mapping[str, TrackFacts], summed: TrackFacts, meter: SourceMeter
) -> tuple[SectionFacts, ...]:
    """The session's own sections, or those heard; ``meter`` is the sum's, with its time line."""
    frames = summed.features.active.size
    heard = {track.id: facts[track.id] for track in session.audible_tracks}
    if session.sections:
        source: Heard = "session"
        names = _named([(s.name, s.start_s, s.end_s) for s in session.sections])
    else:
        source = "heard"
        levels = [track.features.loudness_lufs for track in heard.values()]
        parts = find_parts(summed.features.band_power, levels)
        names = _named(
            [(f"part {p.letter} ({span((p.start_s, p.end_s))})", p.start_s, p.end_s) for p in parts]
        )
    sides, peaks = meter.hops.sides(frames), meter.true_peaks(frames)
    return tuple(_facts(name, source, heard, summed, (sides, peaks)) for name in names)


def with_section_levels(facts: TrackFacts, sections: tuple[SectionFacts, ...]) -> TrackFacts:
    """The same facts with the level of each section."""
    features = facts.features
    levels = {}
    for section in sections:
        part = frames_of(section.start_s, section.end_s, features.active.size)
        levels[section.name] = mean_level(
            features.loudness_lufs[part].astype(np.float64), features.active[part]
        )
    return replace(facts, section_lufs=levels)


def frames_of(start_s: float, end_s: float, frames: int) -> slice:
    """The 100 ms frames of a stretch of the song."""
    first = min(max(round(start_s * FRAME_RATE_HZ), 0), frames)
    return slice(first, min(max(round(end_s * FRAME_RATE_HZ), first), frames))


def _named(parts: list[Named]) -> list[Named]:
    """Each part with a name of its own: one that comes again gets its times, then a number."""
    taken: set[str] = set()
    named = []
    for name, start_s, end_s in parts:
        own = name if name not in taken else f"{name} ({span((start_s, end_s))})"
        number = 2
        while own in taken:
            own, number = f"{name} #{number}", number + 1
        taken.add(own)
        named.append((own, start_s, end_s))
    return named


def _facts(
    named: Named,
    source: Heard,
    tracks: Mapping[str, TrackFacts],
    summed: TrackFacts,
    timeline: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> SectionFacts:
    name, start_s, end_s = named
    features = summed.features
    part = frames_of(start_s, end_s, features.active.size)
    if part.start == part.stop:
        return SectionFacts(name, start_s, end_s, source)
    active = features.active[part]
    left, right, cross = timeline[0][part].mean(axis=0).tolist()
    sounding = timeline[0][part][active][:, :2].mean() if active.any() else 0.0
    peak = float(timeline[1][part].max())
    correlation, width_db, loss_db = stereo_figures(left, right, cross)
    plays = (track for track, facts in tracks.items() if facts.features.active[part].mean() >= PLAYS_SHARE)
    return SectionFacts(
        name=name,
        start_s=start_s,
        end_s=end_s,
        source=source,
        loudness_lufs=mean_level(features.loudness_lufs[part].astype(np.float64), active),
        true_peak_dbtp=gain_to_db(peak) if peak > 0.0 else -math.inf,
        crest_db=gain_to_db(peak) - power_to_db(sounding) if peak > 0.0 and sounding > 0.0 else 0.0,
        correlation=correlation,
        width_db=width_db,
        mono_loss_db=loss_db,
        spectrum_db=spectrum_db(features.band_power[part], active),
        tracks=tuple(plays),
    )
