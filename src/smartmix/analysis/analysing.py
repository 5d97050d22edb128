"""analyze: every fact of a session in one pass over its files, all tracks side by side."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis, Problem, Tempo, TrackFacts
from smartmix.analysis.bands import erb_bands
from smartmix.analysis.buses import bus_facts, drum_group, groups_of
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.loudness import from_both_sides
from smartmix.analysis.masking_facts import MaskingFacts
from smartmix.analysis.masking_map import map_masking
from smartmix.analysis.material import guess_material
from smartmix.analysis.pickup import Pickup
from smartmix.analysis.problems import opposed_sides, session_faults, source_problems
from smartmix.analysis.registers import track_meter
from smartmix.analysis.sections import sections_of, with_section_levels
from smartmix.analysis.tempo import find_tempo, session_tempo
from smartmix.audio.panning import pan_gains
from smartmix.errors import SessionError
from smartmix.progress import Progress, part
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Material, Section, Session, Track
from smartmix.session.source import stream_placed_source
from smartmix.units import db_to_gain, power_to_db

BLOCK_FRAMES = 65_536
DEFINITIONS = "smartmix analysis 1"
"""Part of the content hash: changes when a measurement is defined anew."""
LAG_HOP_S = 0.01
LONGEST_LAG_S = 30.0
LISTENED = 0.6
"""Share of the progress bar that is over when every file has been read once."""


@dataclass(slots=True)
class _Source:
    """One file on the session's time line: its blocks, its meter, its hash."""

    track: Track
    meter: SourceMeter
    blocks: Iterator[NDArray[np.float32]]
    gains: tuple[float, float]
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def next_block(self) -> NDArray[np.float32] | None:
        """The next block on the session's grid, measured on the way; None after the end."""
        block = next(self.blocks, None)
        if block is not None:
            self.meter.push(block)
            self.digest.update(np.ascontiguousarray(block.T).data)
        return block


def analyze(session: Session, *, progress: Progress | None = None) -> Analysis:
    """Measure every track, every bus, the plain sum of the audible tracks, and the rough mix, at the session's rate.

    Each file is read once, block by block, so memory does not grow with the audio but for the 10 Hz features and
    the 10 ms levels. The rough is put on the session's time line (it may start early or late). ``progress`` hears
    (what, fraction). AudioError for a file that cannot be read or holds non-finite samples; SessionError for a
    session with no track.
    """
    if not session.tracks:
        raise SessionError(f"session {session.name}: no tracks to analyse; expected at least one sound file")
    mixdown = _Mixdown(session)
    frames = max([session.frames, *(t.offset_frames + _frames_at(t, session) for t in session.tracks), 1])
    for start in range(0, frames, BLOCK_FRAMES):
        if progress is not None:
            progress("listening to the tracks", LISTENED * start / frames)
        mixdown.push_block(min(BLOCK_FRAMES, frames - start))
    rows = math.ceil(frames * FRAME_RATE_HZ / session.sample_rate - 1e-9)
    analysis = _measured(session, mixdown, frames, rows)
    analysis = replace(analysis, masking=_masking(session, analysis, progress))
    if progress is not None:
        progress("analysis done", 1.0)
    return analysis


class _Mixdown:
    """All tracks side by side, and their sums: each bus, and everything."""

    def __init__(self, session: Session) -> None:
        rate = session.sample_rate
        self.sources = [_source(session, track) for track in session.tracks]
        self.groups = groups_of(session)
        self.drums = drum_group(session, self.groups)
        self.total = SourceMeter("sum", rate, 2, timeline=True)
        self.buses = {
            group.bus: SourceMeter(group.bus, rate, 2, low_end=False, timeline=group.bus == self.drums)
            for group in self.groups
        }
        self._members = {
            track.id: [group.bus for group in self.groups if track.id in group.tracks]
            for track in session.tracks
        }

    def push_block(self, frames: int) -> None:
        """Measure the next block of every track and of the sums, added in double and rounded once."""
        total = np.zeros((2, frames))
        buses = {bus: np.zeros((2, frames)) for bus in self.buses}
        for source in self.sources:
            block = source.next_block()
            if block is None or source.track.muted:
                continue
            for side in (0, 1):
                row = block[min(side, block.shape[0] - 1)]
                row = row if source.gains[side] == 1.0 else row.astype(np.float64) * source.gains[side]
                for target in (total, *(buses[bus] for bus in self._members[source.track.id])):
                    target[side, : row.size] += row
        self.total.push(total.astype(np.float32))
        for bus, meter in self.buses.items():
            meter.push(buses[bus].astype(np.float32))

    def tempo(self, session: Session) -> Tempo | None:
        """The session's tempo, or what the sum and the drums tell."""
        meters = (self.total, *(self.buses[bus] for bus in self.buses if bus == self.drums))
        curves = [curve for m in meters if m.hops.onsets is not None for curve in m.hops.onsets.curves()]
        return session_tempo(session) or find_tempo(curves)


def _measured(session: Session, mixdown: _Mixdown, frames: int, rows: int) -> Analysis:
    """The analysis, from meters that have heard everything; the rough is listened to here."""
    sources = mixdown.sources
    facts = {s.track.id: s.meter.facts(rows) for s in sources}
    buses = {bus: meter.facts(rows) for bus, meter in mixdown.buses.items()}
    rough = _rough(session, mixdown.total, rows)
    summed = mixdown.total.facts(rows)
    hashes = {s.track.id: s.digest.hexdigest() for s in sources}
    rough_facts, lag_s = None, 0.0
    if rough is not None:
        rough_facts, hashes["rough"], lag_s = rough
    problems, pickups = _problems(session, sources, facts)
    heard = {t.id: facts[t.id] for t in session.audible_tracks}
    material, reason = guess_material(session, heard, summed, rough_facts, lag_s)
    sections = sections_of(session, facts, summed, mixdown.total)
    analysis = _assemble(
        session, (facts, summed, rough_facts), problems, (material, reason), (hashes, frames)
    )
    return replace(
        analysis,
        tracks={name: with_section_levels(f, sections) for name, f in facts.items()},
        sum=with_section_levels(summed, sections),
        rough=None if rough_facts is None else with_section_levels(rough_facts, sections),
        tempo=mixdown.tempo(session),
        sections=sections,
        buses=bus_facts(
            mixdown.groups, {name: with_section_levels(f, sections) for name, f in buses.items()}
        ),
        pickups=pickups,
    )


def _masking(session: Session, analysis: Analysis, progress: Progress | None) -> MaskingFacts | None:
    """The masking map: the files are read again, now that the level of their sum is known."""
    levels = {name: facts.active_lufs for name, facts in analysis.tracks.items()}
    summed = analysis.sum.loudness.integrated_lufs
    return map_masking(
        session,
        levels,
        summed if math.isfinite(summed) else analysis.sum.active_lufs,
        sections=[Section(s.name, s.start_s, s.end_s) for s in analysis.sections],
        progress=None if progress is None else part(progress, LISTENED, 0.98),
    )


def _assemble(
    session: Session,
    measured: tuple[dict[str, TrackFacts], TrackFacts, TrackFacts | None],
    problems: tuple[Problem, ...],
    material: tuple[Material, str],
    inputs: tuple[dict[str, str], int],
) -> Analysis:
    (facts, summed, rough), (hashes, frames) = measured, inputs
    centres, edges = erb_bands(session.sample_rate)
    placed = {
        t.id: [t.offset_frames, t.gain_db + bus_gain_db(session, t.id), t.pan, t.role, t.muted]
        for t in session.tracks
    }
    placed |= {t.id: [*placed[t.id], t.priority] for t in session.tracks if t.priority is not None}
    content = json.dumps([DEFINITIONS, session.sample_rate, sorted(hashes.items()), sorted(placed.items())])
    return Analysis(
        session=session.name,
        sample_rate=session.sample_rate,
        duration_s=frames / session.sample_rate,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
        band_hz=centres,
        band_edges_hz=edges,
        tracks=facts,
        sum=summed,
        rough=rough,
        problems=problems,
        material=material[0],
        material_reason=material[1],
        input_hashes=hashes,
    )


def _source(session: Session, track: Track) -> _Source:
    gain, (left, right) = db_to_gain(track.gain_db + bus_gain_db(session, track.id)), pan_gains(track.pan)
    return _Source(
        track=track,
        meter=track_meter(track, session.sample_rate),
        blocks=stream_placed_source(track, sample_rate=session.sample_rate, block_frames=BLOCK_FRAMES),
        gains=(gain * left, gain * right),
    )


def _frames_at(track: Track, session: Session) -> int:
    """Length of a track at the session's rate."""
    return round(track.frames * session.sample_rate / track.sample_rate) if track.sample_rate else 0


def _rough(session: Session, total: SourceMeter, rows: int) -> tuple[TrackFacts, str, float] | None:
    """Facts of the rough on the session's time line, its hash, and how late it is (s)."""
    if session.rough is None:
        return None
    track = replace(session.rough, id="rough", offset_frames=0)
    source = _source(session, track)
    while source.next_block() is not None:
        pass
    lag_s = rough_lag_s(total.energies_10ms(), source.meter.energies_10ms())
    facts = source.meter.facts(rows)
    if lag_s != 0.0:
        shifted = _source(session, replace(track, offset_frames=-round(lag_s * session.sample_rate)))
        while shifted.next_block() is not None:
            pass
        facts = replace(shifted.meter.facts(rows), loudness=facts.loudness, crest_db=facts.crest_db)
    if source.meter.channels == 1:
        facts = replace(facts, loudness=from_both_sides(facts.loudness))
    return facts, source.digest.hexdigest(), lag_s


def rough_lag_s(plain_sum: NDArray[np.float64], rough: NDArray[np.float64]) -> float:
    """How late the rough is against the sum, s, from K-weighted energies per 10 ms; 0 when no lag is clearly
    better.

    Correlates the level changes (differences of the level in dB) within +-30 s, in steps of 10 ms.
    """
    moves = [_level_moves(energies) for energies in (plain_sum, rough)]
    if min(m.size for m in moves) < 20 or not all(np.any(m) for m in moves):
        return 0.0
    size = 1 << math.ceil(math.log2(moves[0].size + moves[1].size))
    spectra = [np.fft.rfft(m, size) for m in moves]
    correlation = np.fft.irfft(spectra[1] * np.conj(spectra[0]), size)
    reach = min(size // 2 - 1, int(LONGEST_LAG_S / LAG_HOP_S))
    window = np.concatenate((correlation[-reach:], correlation[: reach + 1]))
    best = int(np.argmax(window)) - reach
    energy = math.sqrt(float(moves[0] @ moves[0]) * float(moves[1] @ moves[1]))
    clear = window.max() > 0.25 * energy and window.max() > 1.2 * window[reach]
    return best * LAG_HOP_S if clear and abs(best) >= 2 else 0.0


def _level_moves(energies: NDArray[np.float64]) -> NDArray[np.float64]:
    if energies.size == 0 or energies.max() <= 0.0:
        return np.zeros(0)
    level = power_to_db(energies + energies.max() * 1e-5)
    return np.diff(level)


def _problems(
    session: Session, sources: list[_Source], facts: dict[str, TrackFacts]
) -> tuple[tuple[Problem, ...], tuple[Pickup, ...]]:
    """What is wrong with the audible tracks, and how the microphones of one source stand against each other."""
    audible = [s for s in sources if not s.track.muted]
    found = [p for s in audible for p in source_problems(s.track, s.meter)]
    opposed = [p for s in audible for p in opposed_sides(s.track, s.meter)]
    between, pickups = session_faults(session, facts, opposed)
    return (*found, *between), pickups
