"""Problems in the sources: what is wrong, where, how much. Reported in the trade's words, never repaired unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smartmix.analysis.analysis import Problem, TrackFacts
from smartmix.analysis.faults.clicks import clicks
from smartmix.analysis.faults.clipping import clipping
from smartmix.analysis.faults.hum import hum
from smartmix.analysis.faults.kit import kit_pickups, kit_problem
from smartmix.analysis.faults.noise import noise_problems
from smartmix.analysis.faults.offset import offset
from smartmix.analysis.faults.pairs import pair_pickups, pair_problems
from smartmix.analysis.faults.plosives import plosives
from smartmix.analysis.faults.sides import sides, sides_problem
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.pickup import Pickup
from smartmix.analysis.registers import track_meter
from smartmix.figures import format_time
from smartmix.progress import Progress
from smartmix.session.session import Session, Track
from smartmix.session.source import stream_source


def find_problems(session: Session, *, progress: Progress | None = None) -> tuple[Problem, ...]:
    """Measure every audible track and report what is wrong with it: clipping, DC, hum and noise in the pauses, clicks
    and bad edits, plosives of voices, silence, and delay or polarity between microphones of the same source (DI/amp,
    in/out, top/bottom, left/right, a drum kit's close microphones against its overheads).

    Overheads and rooms are late because they are further away: their distance is not a fault. A file with
    non-finite samples cannot be read at all: the AudioError names the file and the frame.
    """
    found: list[Problem] = []
    opposed: list[Pickup] = []
    tracks = session.audible_tracks
    facts: dict[str, TrackFacts] = {}
    for index, track in enumerate(tracks):
        if progress is not None:
            progress(f"listening for faults: {track.name}", index / max(len(tracks), 1))
        meter = track_meter(track, session.sample_rate)
        for block in stream_source(track, sample_rate=session.sample_rate, block_frames=65_536):
            meter.push(block)
        facts[track.id] = meter.facts()
        found.extend(source_problems(track, meter))
        opposed.extend(opposed_sides(track, meter))
    return (*found, *session_faults(session, facts, opposed)[0])


def source_problems(track: Track, meter: SourceMeter) -> list[Problem]:
    """What is wrong with one source, from its finished meter; times are session times."""
    scan = meter.scan
    start_s = track.offset_frames / meter.sample_rate
    if scan.nonfinite:
        at = format_time(start_s + scan.first_nonfinite_frame / meter.sample_rate)
        text = f"{track.name}: {scan.nonfinite} samples are not numbers, first at {at}; export it again"
        return [Problem("nonfinite", track.id, text, float(scan.nonfinite), "samples", serious=True)]
    if scan.peak == 0.0:
        text = f"{track.name} is digital silence from start to end"
        return [Problem("silence", track.id, text, scan.frames / meter.sample_rate, "s")]
    checks = (
        clipping(track, meter, start_s),
        offset(track, meter),
        hum(track, meter),
        clicks(track, meter, start_s),
        plosives(track, meter, start_s),
        *(sides_problem(track, meter) for _ in opposed_sides(track, meter)),
    )
    return [problem for problem in checks if problem is not None]


def opposed_sides(track: Track, meter: SourceMeter) -> list[Pickup]:
    """The track, if its left and right are out of polarity with each other."""
    found = sides(track, meter)
    return [] if found is None else [found]


def session_faults(
    session: Session, facts: Mapping[str, TrackFacts], opposed: Sequence[Pickup]
) -> tuple[list[Problem], tuple[Pickup, ...]]:
    """What is wrong between tracks, and how the microphones of each source stand against each other.

    ``facts`` are those of the audible tracks, ``opposed`` their tracks whose sides are out of polarity.
    """
    pairs = list(pair_pickups(session, facts))
    kit = kit_pickups(session, facts, list(opposed))
    found = noise_problems(session, facts)
    upside_down = {p.track for p in kit if p.kind == "kit" and p.inverted and p.side == "both"}
    for pickup in pairs:
        found.extend(
            p
            for p in pair_problems(session, pickup)
            if p.kind == "delay" or pickup.reference not in upside_down
        )
    found += [kit_problem(session, p) for p in kit if p.kind == "kit" and p.inverted]
    return found, (*kit, *pairs)
