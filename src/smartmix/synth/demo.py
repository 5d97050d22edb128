"""The demo song: tracks recorded, faults planted, a rough mix, and the truth about all of that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Audio
from smartmix.audio.files import readable_errors, write_text
from smartmix.audio.panning import pan_gains
from smartmix.audio.wav import WavWriter
from smartmix.errors import OutputExistsError
from smartmix.progress import Progress, silent
from smartmix.synth import faults, song
from smartmix.synth.fault_plan import CLEAN, HOUSE, FaultPlan, clipping_of, drawn, planted
from smartmix.synth.recording import SNARE, TRACKS, Recorded, on_tape, perform
from smartmix.synth.seed import seeded
from smartmix.synth.shaping import SAMPLE_RATE_HZ, Signal, add_at, to_frames
from smartmix.units import db_to_gain, gain_to_db

ROUGH_NAME = "Demo Rough Mix"
ROUGH_PEAK_DBFS = -3.0
_WRITE_FRAMES = 1 << 15

CLEAN_SNARE_DBFS = -4.0
"""Peak of the snare where it is not recorded too hot."""


@dataclass(frozen=True, slots=True)
class RoughFader:
    """Where a track stands in the rough mix: dB without the bus gain, pan -1..1 (stereo tracks: 0)."""

    track: str
    gain_db: float
    pan: float


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What is known about the demo because it was put there: its faults, its rough mix, its time line."""

    inverted: faults.InvertedChannel
    late: faults.LateTrack
    hum: faults.Hum
    clipped: faults.ClippedTrack
    buried: faults.BuriedTrack
    rumble: faults.Rumble
    rough: tuple[RoughFader, ...]
    rough_bus_gain_db: float
    tempo_bpm: float
    beats_per_bar: int
    sections: tuple[song.SongSection, ...]


@dataclass(frozen=True, slots=True)
class DemoSong:
    """The rendered demo: audio by track name (the file name without .wav), in session order."""

    tracks: dict[str, Audio]
    rough: Audio
    truth: DemoTruth


Takes = list[tuple[str, Signal]]
"""A performance, track by track, before it is recorded."""


def render_demo(*, progress: Progress | None = None) -> DemoSong:
    """Play, record and rough-mix the demo song: 45 s, 48 kHz, 12 tracks. The same samples every time."""
    report = progress or silent
    tracks, mixed, flat_frames, bus_gain_db = _mixed(_recorded(report, HOUSE))
    report("demo song", 1.0)
    return DemoSong(tracks, mixed, _truth(flat_frames, bus_gain_db))


def perform_demo(seed: int) -> Takes:
    """The band plays the song again: other timing, strokes, voices and noise for every seed."""
    with seeded(seed):
        return list(perform(silent))


def record_demo(takes: Takes, seed: int, *, clean: bool = False) -> tuple[dict[str, Audio], Audio, FaultPlan]:
    """Record a performance with the faults drawn for this seed, or ``clean``: tracks by name, rough mix, faults."""
    plan = CLEAN if clean else drawn(seed)
    with seeded(seed):
        tracks, mixed, _, _ = _mixed(_recorded(silent, plan, takes))
    return tracks, mixed, plan


def _mixed(recorded: Iterator[tuple[Recorded, Audio, int]]) -> tuple[dict[str, Audio], Audio, int, float]:
    """Tracks by name, their rough mix, the snare's clipped frames and the rough's bus gain in dB."""
    rough = _RoughMix()
    tracks: dict[str, Audio] = {}
    flat_frames = 0
    for setup, audio, flat in recorded:
        tracks[setup.name] = audio
        flat_frames += flat
        rough.add(setup, audio)
    mixed, bus_gain_db = rough.bounce()
    return tracks, mixed, flat_frames, bus_gain_db


def write_demo(directory: str | Path, *, force: bool = False, progress: Progress | None = None) -> DemoTruth:
    """Write the demo into a folder, made if need be: a 24-bit WAV per track, the rough mix, session.toml.

    Refuses with OutputExistsError, before anything is rendered, when a file of one of these names is there
    and ``force`` is not set; other files in the folder are left alone. Tracks are written as they are played,
    so the song is never in memory as a whole.
    """
    folder = Path(directory)
    _check_folder(folder, force=force)
    report = progress or silent
    rough = _RoughMix()
    flat_frames: dict[str, int] = {}
    for number, (setup, audio, flat) in enumerate(_recorded(report, HOUSE)):
        flat_frames[setup.name] = flat
        rough.add(setup, audio)
        _write(folder / f"{setup.name}.wav", audio, force=force, seed=number)
    mixed, bus_gain_db = rough.bounce()
    _write(folder / f"{ROUGH_NAME}.wav", mixed, force=force, seed=len(TRACKS))
    write_text(folder / "session.toml", session_toml(), force=force)
    report("demo song", 1.0)
    return _truth(flat_frames[SNARE], bus_gain_db)


def _write(path: Path, audio: Audio, *, force: bool, seed: int) -> None:
    """Write 24-bit WAV in blocks: dithering 45 s at once takes several times the song in memory."""
    with WavWriter(path, audio.sample_rate, audio.channels, bits=24, force=force, dither_seed=seed) as writer:
        for start in range(0, audio.frames, _WRITE_FRAMES):
            writer.write(audio.samples[:, start : start + _WRITE_FRAMES])


def _check_folder(folder: Path, *, force: bool) -> None:
    names = [f"{name}.wav" for name in (*(setup.name for setup in TRACKS), ROUGH_NAME)]
    there = [name for name in (*names, "session.toml") if (folder / name).exists()]
    if there and not force:
        raise OutputExistsError(
            f"{folder}: {there[0]} is already there ({len(there)} of the demo's files are). "
            "Choose an empty folder, or use --force to replace them."
        )
    with readable_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def session_toml() -> str:
    """The text of the demo's session.toml: name, rough mix, tempo, sections; tracks speak by their names."""
    lines = ["format = 1", f'name = "{song.SONG_NAME}"', f'rough = "{ROUGH_NAME}.wav"', ""]
    lines += [
        "[[tempo]]",
        "time_s = 0.0",
        f"bpm = {song.TEMPO_BPM}",
        f"beats_per_bar = {song.BEATS_PER_BAR}",
        "",
    ]
    for part in song.SECTIONS:
        times = [f"start_s = {part.start_s:.4f}", f"end_s = {part.end_s:.4f}"]
        lines += ["[[section]]", f'name = "{part.name}"', *times, ""]
    return "\n".join(lines)


def _recorded(
    report: Progress, plan: FaultPlan, takes: Takes | None = None
) -> Iterator[tuple[Recorded, Audio, int]]:
    """Every track on tape with its faults, in session order, and how many of its frames are clipped."""
    setups = {setup.name: setup for setup in TRACKS}
    for name, take in perform(report) if takes is None else takes:
        setup, ceiling_dbfs = setups[name], clipping_of(plan, name)
        if name == SNARE and ceiling_dbfs is None:
            setup = replace(setup, peak_dbfs=CLEAN_SNARE_DBFS)
        # The singer drops, not the noise of the chain: this fault comes before the tape.
        drops = plan.buried is not None and name == plan.buried.track
        performed = faults.with_drop(take, plan.buried) if drops and plan.buried else take
        samples, flat_frames = planted(plan, name, on_tape(performed, setup)), 0
        if ceiling_dbfs is not None:
            samples, flat_frames = faults.clipped(samples, ceiling_dbfs)
        yield setups[name], Audio(samples.astype(np.float32), SAMPLE_RATE_HZ), flat_frames


def _truth(flat_frames: int, bus_gain_db: float) -> DemoTruth:
    plan = HOUSE
    assert plan.inverted and plan.late and plan.hum and plan.buried and plan.rumble and plan.clipping_dbfs
    return DemoTruth(
        inverted=plan.inverted,
        late=plan.late,
        hum=plan.hum,
        clipped=faults.ClippedTrack(SNARE, plan.clipping_dbfs, flat_frames),
        buried=plan.buried,
        rumble=plan.rumble,
        rough=tuple(RoughFader(setup.name, setup.fader_db, setup.pan) for setup in TRACKS),
        rough_bus_gain_db=bus_gain_db,
        tempo_bpm=song.TEMPO_BPM,
        beats_per_bar=song.BEATS_PER_BAR,
        sections=song.SECTIONS,
    )


class _RoughMix:
    """The plain sum of the faulty tracks at their faders and pans."""

    def __init__(self) -> None:
        self._sides: tuple[NDArray[np.float64], NDArray[np.float64]] = (
            np.zeros(to_frames(song.DURATION_S)),
            np.zeros(to_frames(song.DURATION_S)),
        )

    def add(self, setup: Recorded, audio: Audio) -> None:
        """Bring a track up at its fader and pan."""
        panned = pan_gains(setup.pan) if audio.channels == 1 else (1.0, 1.0)
        for channel, (side, gain) in enumerate(zip(self._sides, panned, strict=True)):
            source = audio.samples[channel % audio.channels].astype(np.float64)
            add_at(side, 0, source, db_to_gain(setup.fader_db) * gain)

    def bounce(self) -> tuple[Audio, float]:
        """The mix, and the bus gain in dB that put its peak just under ``ROUGH_PEAK_DBFS``."""
        peak = max(float(np.max(np.abs(side))) for side in self._sides)
        # Two decimals: what the truth says is exactly what was done.
        bus_gain_db = math.floor(100.0 * (ROUGH_PEAK_DBFS - gain_to_db(peak))) / 100.0
        mixed = np.stack([(db_to_gain(bus_gain_db) * side).astype(np.float32) for side in self._sides])
        return Audio(mixed, SAMPLE_RATE_HZ), bus_gain_db
