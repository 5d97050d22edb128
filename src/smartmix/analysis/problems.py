"""Problems in the sources: what is wrong, where, how much. Reported in the trade's words, never repaired unasked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Problem, TrackFacts
from smartmix.analysis.delay import Delay, find_delay
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.registers import track_meter
from smartmix.analysis.stereo import mono_loss_db
from smartmix.figures import format_time
from smartmix.progress import Progress
from smartmix.session.session import Session, Track
from smartmix.session.source import stream_source
from smartmix.units import db_to_power, gain_to_db, power_to_db

CLIP_FEWEST_RUNS = 3
CLIP_HIGHEST_SHARE = 0.1
"""More flat samples than this is a square wave, not clipping."""
CLIP_LOWEST_PEAK = 0.05
DC_DB = -46.0
DC_SERIOUS_DB = -30.0
INVERTED_CORRELATION = -0.6
HUM_EXCESS_DB = 12.0
"""A mains harmonic counts when it stands this far over its surroundings in every quiet window."""
HUM_FEWEST_HARMONICS = 2
HUM_PAUSE_DB = 15.0
"""Windows this far under the loud ones count as pauses."""
HUM_LOWEST_DB = -90.0
PAIR_WINDOW_S = 6.0
PAIR_LONGEST_MS = 40.0
PAIR_EARLIEST_MS = 0.15
"""Shorter than this is a few centimetres of air between two microphones, not a fault."""
PAIR_CLEAR = 2.0
"""The correlation peak must stand this many times over the next one."""

ROLE_PAIRS = (("bass_di", "bass_amp"),)
NAME_PAIRS = (("in", "out"), ("top", "bottom"), ("top", "btm"), ("top", "bot"))


def find_problems(session: Session, *, progress: Progress | None = None) -> tuple[Problem, ...]:
    """Measure every audible track and report what is wrong with it: clipping, DC, hum in the pauses, an
    inverted side, silence, and delay or polarity between two pick-ups of the same source (DI/amp, in/out,
    top/bottom).

    Overheads and rooms are late because they are further away: their distance is not a fault. A file with
    non-finite samples cannot be read at all: the AudioError names the file and the frame.
    """
    found: list[Problem] = []
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
    found.extend(pair_problems(session, facts))
    return tuple(found)


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
        _clipping(track, meter, start_s),
        _dc(track, meter),
        _hum(track, meter),
        _inverted(track, meter),
    )
    return [problem for problem in checks if problem is not None]


def _clipping(track: Track, meter: SourceMeter, start_s: float) -> Problem | None:
    scan = meter.scan
    too_many = scan.flat_share > CLIP_HIGHEST_SHARE
    if scan.peak < CLIP_LOWEST_PEAK or scan.clip_runs < CLIP_FEWEST_RUNS or too_many:
        return None
    times = [start_s + t for t in scan.first_clips_s]
    level = gain_to_db(scan.peak)
    where = ", ".join(dict.fromkeys(format_time(t) for t in times))
    text = (
        f"{track.name} is clipped: {scan.clip_runs} flat tops at {level:.1f} dBFS, first at {where}. "
        "Ask for the file again with more headroom"
    )
    serious = scan.clip_runs >= 20
    return Problem(
        "clipping", track.id, text, float(scan.clip_runs), "flat tops", (times[0], times[-1]), None, serious
    )


def _dc(track: Track, meter: SourceMeter) -> Problem | None:
    offset = float(np.abs(meter.low.dc()).max())
    level = gain_to_db(offset)
    if level < DC_DB or meter.scan.frames < meter.sample_rate:
        return None
    text = f"{track.name} has a DC offset of {level:.0f} dBFS: it eats headroom and can click at edits"
    return Problem("dc", track.id, text, level, "dBFS", serious=level >= DC_SERIOUS_DB)


def _inverted(track: Track, meter: SourceMeter) -> Problem | None:
    correlation = meter.scan.correlation
    if meter.channels != 2 or correlation > INVERTED_CORRELATION:
        return None
    lost_db = mono_loss_db(correlation, *meter.scan.squares)
    text = (
        f"{track.name}: left and right are out of polarity (correlation {correlation:.2f}); "
        f"in mono it drops {lost_db:.0f} dB. Flip one side"
    )
    return Problem("polarity", track.id, text, correlation, "correlation", serious=True)


def _hum(track: Track, meter: SourceMeter) -> Problem | None:
    powers = np.asarray(meter.low.powers)
    quiet = meter.low.quiet()
    if powers.size < 8 or quiet.shape[0] < 4:
        return None
    pauses = quiet[quiet.sum(axis=1) <= np.percentile(powers, 90.0) * db_to_power(-HUM_PAUSE_DB)]
    if pauses.shape[0] < 4:
        return None
    spectrum = np.percentile(pauses, 25.0, axis=0)
    best = max((mains_hum(spectrum, meter.low.bin_hz, hz) for hz in (50.0, 60.0)), key=lambda hum: hum[0])
    level = power_to_db(best[2])
    if best[0] < HUM_FEWEST_HARMONICS or level < HUM_LOWEST_DB:
        return None
    text = (
        f"{track.name}: {best[1]:.0f} Hz mains hum in the pauses at {level:.0f} dBFS ({best[0]} harmonics). "
        "Cut the pauses or notch it before heavy compression brings it up"
    )
    return Problem("hum", track.id, text, level, "dBFS", serious=level > -55.0)


def mains_hum(power: NDArray[np.floating], bin_hz: float, mains_hz: float) -> tuple[int, float, float]:
    """(harmonics found, mains frequency, hum power) in a power spectrum of pauses.

    A harmonic 1..8 counts when its peak lies on the bin of k times the mains frequency and stands
    HUM_EXCESS_DB over the median around it. The fundamental or the second harmonic must be one of them;
    harmonics 1 and 2 alone are not enough unless both are there, since a bass note may lie near one of them.
    """
    hits, hum = [], 0.0
    for k in range(1, 9):
        bin_ = round(k * mains_hz / bin_hz)
        if bin_ + 10 >= power.size:
            break
        around = np.concatenate((power[max(1, bin_ - 9) : max(1, bin_ - 3)], power[bin_ + 4 : bin_ + 10]))
        near = power[max(1, bin_ - 3) : bin_ + 4]
        on_bin = int(np.argmax(near)) + max(1, bin_ - 3) == bin_
        if on_bin and power[bin_] > np.median(around) * db_to_power(HUM_EXCESS_DB):
            hits.append(k)
            hum += float(power[bin_ - 1 : bin_ + 2].sum())
    found = len(hits) if hits and hits[0] <= 2 else 0
    return found, mains_hz, hum


def pair_problems(session: Session, facts: dict[str, TrackFacts]) -> list[Problem]:
    """Delay and polarity between pick-ups of the same source."""
    found: list[Problem] = []
    for first, second in same_source_pairs(session):
        at_s = _both_sound(facts[first.id], facts[second.id])
        if at_s is None:
            continue
        left, right = (_excerpt(session, track, at_s) for track in (first, second))
        frames = min(left.size, right.size)
        delay = find_delay(left[:frames], right[:frames], session.sample_rate, longest_ms=PAIR_LONGEST_MS)
        found.extend(_pair_faults(first, second, delay, session.sample_rate))
    return found


def same_source_pairs(session: Session) -> list[tuple[Track, Track]]:
    """Pairs of tracks that pick up the same source: by role (DI and amp) or name (in/out, top/bottom)."""
    tracks = session.audible_tracks
    pairs = []
    for first in tracks:
        for second in tracks:
            by_role = (first.role, second.role) in ROLE_PAIRS
            if first is not second and (by_role or _name_pair(first, second)):
                pairs.append((first, second))
    return pairs


def _name_pair(first: Track, second: Track) -> bool:
    if first.role != second.role or first.role == "unknown":
        return False
    words = [t.name.lower().replace("_", " ").replace("-", " ").split() for t in (first, second)]
    return any(
        a in words[0] and b in words[1] and [w for w in words[0] if w != a] == [w for w in words[1] if w != b]
        for a, b in NAME_PAIRS
    )


def _pair_faults(first: Track, second: Track, delay: Delay, sample_rate: int) -> Iterator[Problem]:
    if delay.clearness < PAIR_CLEAR:
        return
    late_ms = delay.frames / sample_rate * 1000.0
    if abs(late_ms) >= PAIR_EARLIEST_MS:
        late, early = (second, first) if late_ms > 0 else (first, second)
        text = (
            f"{late.name} arrives {abs(late_ms):.2f} ms ({abs(delay.frames):.0f} samples) after "
            f"{early.name}: together they comb. Move it earlier by that much"
        )
        yield Problem("delay", late.id, text, abs(late_ms), "ms", None, early.id, abs(late_ms) > 0.5)
    if delay.polarity < 0:
        text = f"{second.name} is out of polarity with {first.name}: the low end cancels. Flip one of them"
        yield Problem("polarity", second.id, text, -1.0, "polarity", None, first.id, True)


def _both_sound(first: TrackFacts, second: TrackFacts) -> float | None:
    """Start of the window of PAIR_WINDOW_S in which both sound most, seconds; None when they hardly do."""
    frames = min(first.features.active.size, second.features.active.size)
    both = (first.features.active[:frames] & second.features.active[:frames]).astype(np.float64)
    width = min(frames, int(PAIR_WINDOW_S * 10))
    if both.sum() < 5:
        return None
    counts = np.convolve(both, np.ones(width), "valid")
    return float(np.argmax(counts)) / 10.0


def _excerpt(session: Session, track: Track, at_s: float) -> NDArray[np.float64]:
    """Mono samples of a track from a session time on, PAIR_WINDOW_S long."""
    rate = session.sample_rate
    start = round(at_s * rate) - track.offset_frames
    wanted = round(PAIR_WINDOW_S * rate)
    lead = min(max(0, -start), wanted)
    blocks = [np.zeros(lead)]
    for block in stream_source(track, sample_rate=rate, start_frame=max(0, start), frames=wanted - lead):
        blocks.append(block.mean(axis=0, dtype=np.float64))
    return np.concatenate(blocks)
