"""A file cleaned into another one: learn, take out, say what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.audio.io import AudioInfo, probe, stream
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.cleanup.profiles import HumProfile, NoiseProfile, check_span, hum_of, noise_of
from smartmix.cleanup.stages import Stage, through
from smartmix.errors import SmartmixError
from smartmix.figures import number
from smartmix.processors import Declick, Declip, HumRemoval, NoiseReduction, PlosiveControl, RumbleFilter
from smartmix.progress import Progress

KINDS = ("clips", "rumble", "clicks", "hum", "noise", "plosives")
"""In the order they are taken out: damage first, so that nobody takes it for noise."""


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """What to take out, and how much of it."""

    kinds: tuple[str, ...] = ("rumble", "clicks", "hum", "noise")
    reduction_db: float = 12.0
    """Of the noise, 0 to 40 dB."""
    noise_span_s: tuple[float, float] | None = None
    """A part of the recording that is noise and nothing else; None: find the floor."""
    plosive_range_db: float = 18.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one kind, and what was taken out: RMS and peak in dBFS, -inf where no bit was changed."""

    kind: str
    text: str
    changed: bool
    removed_dbfs: float
    removed_peak_dbfs: float
    places: int


@dataclass(frozen=True, slots=True)
class CleanReport:
    """What became of a file: one finding for each kind that was asked for; ``written`` is None in a dry run."""

    source: Path
    written: Path | None
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """Whether any sample differs from the source."""
        return any(finding.changed for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _Known:
    hum: HumProfile | None
    noise: NoiseProfile | None


def clean_file(
    source: str | Path,
    target: str | Path | None,
    settings: CleanSettings | None = None,
    *,
    delta: bool = False,
    bits: WavBits = "32f",
    force: bool = False,
    progress: Progress | None = None,
) -> CleanReport:
    """Clean the sound file ``source`` (1 or 2 channels) into the WAV file ``target``; None only looks.

    The file is streamed once for each thing to learn (hum; noise, with the hum taken out) and once more to take out;
    memory does not grow with its length. The output lines up with the input and has its length; where nothing was
    found no bit differs (with ``bits`` "32f"). ``delta`` writes what is taken out instead. The target must be
    another file than the source. SmartmixError and AudioError say what is wrong.
    """
    wanted = settings or CleanSettings()
    info = probe(source)
    _check(info, target, wanted)
    known = _learn(info, wanted, progress)
    stages = [
        Stage(kind, _effect(kind, wanted, known), info.sample_rate, info.channels)
        for kind in KINDS
        if kind in wanted.kinds
    ]
    cleaned = through(stages, _watched(info, progress, "cleaning", 0.6, 1.0), info.channels)
    if target is None:
        for _ in cleaned:
            pass
    else:
        with WavWriter(target, info.sample_rate, info.channels, bits=bits, force=force) as writer:
            for block in _minus_source(info, cleaned) if delta else cleaned:
                writer.write(block)
    findings = tuple(_finding(stage, known, wanted) for stage in stages)
    return CleanReport(info.path, None if target is None else Path(target), findings)


def _check(info: AudioInfo, target: str | Path | None, settings: CleanSettings) -> None:
    unknown = [kind for kind in settings.kinds if kind not in KINDS]
    if unknown or not settings.kinds:
        raise SmartmixError(f"clean {unknown or 'nothing'}: expected some of {', '.join(KINDS)}")
    if info.channels > 2:
        raise SmartmixError(f"{info.path}: has {info.channels} channels; clean-up takes 1 or 2")
    if target is not None and Path(target).exists() and info.path.samefile(target):
        raise SmartmixError(f"{target}: is the input; inputs are never touched, choose another name")
    if settings.noise_span_s is not None:
        check_span(settings.noise_span_s, info.duration_s)


def _learn(info: AudioInfo, settings: CleanSettings, progress: Progress | None) -> _Known:
    hum = noise = None
    quarter = max(info.sample_rate // 4, 1)
    if "hum" in settings.kinds:
        blocks = _watched(info, progress, "listening for hum", 0.0, 0.3, block_frames=quarter)
        hum = hum_of(blocks, info.sample_rate, info.channels)
    if "noise" in settings.kinds:
        span = settings.noise_span_s
        first, last = (0, info.frames) if span is None else (round(s * info.sample_rate) for s in span)
        blocks = _watched(info, progress, "listening for noise", 0.3, 0.6, first=first, frames=last - first)
        if hum is not None and hum.known:
            blocks = through(
                [Stage("hum", _effect("hum", settings, _Known(hum, None)), info.sample_rate, info.channels)],
                blocks,
                info.channels,
            )
        noise = noise_of(blocks, info.sample_rate, info.channels, all_noise=span is not None)
    return _Known(hum, noise)


def _effect(
    kind: str, settings: CleanSettings, known: _Known
) -> Declick | Declip | HumRemoval | NoiseReduction | PlosiveControl | RumbleFilter:
    if kind == "hum":
        hum = HumRemoval(amount=1.0)
        if known.hum is not None:
            known.hum.write_to(hum)
        return hum
    if kind == "noise":
        noise = NoiseReduction(reduction_db=settings.reduction_db)
        if known.noise is not None:
            known.noise.write_to(noise)
        return noise
    if kind == "rumble":
        return RumbleFilter(amount=1.0)
    if kind == "clicks":
        return Declick(amount=1.0)
    if kind == "clips":
        return Declip(amount=1.0)
    return PlosiveControl(range_db=settings.plosive_range_db)


def _watched(
    info: AudioInfo,
    progress: Progress | None,
    what: str,
    begin: float,
    end: float,
    *,
    first: int = 0,
    frames: int | None = None,
    block_frames: int = 16_384,
) -> Iterator[Samples]:
    done = 0
    for block in stream(info.path, block_frames=block_frames, start_frame=first, frames=frames):
        yield block
        done += block.shape[1]
        if progress is not None:
            progress(what, begin + (end - begin) * min(done / max(info.frames, 1), 1.0))


def _minus_source(info: AudioInfo, cleaned: Iterator[Samples]) -> Iterator[Samples]:
    at = 0
    read = partial(stream, info.path)
    for block in cleaned:
        frames = block.shape[1]
        if frames == 0:
            continue
        dry = np.concatenate(list(read(start_frame=at, frames=frames)), axis=1)
        at += frames
        yield dry - block


def _finding(stage: Stage, known: _Known, settings: CleanSettings) -> Finding:
    peak = 20.0 * float(np.log10(stage.peak)) if stage.peak > 0.0 else -np.inf
    text = _text(stage, known, settings) if stage.changed else _none(stage.kind)
    return Finding(stage.kind, text, stage.changed, stage.removed_dbfs, peak, stage.places)


def _none(kind: str) -> str:
    return {
        "clips": "no clipped tops",
        "rumble": "no steady rumble or DC",
        "clicks": "no clicks",
        "hum": "no mains hum",
        "noise": "no steady noise floor",
        "plosives": "no plosives",
    }[kind]


def _text(stage: Stage, known: _Known, settings: CleanSettings) -> str:
    level = f"{number(stage.removed_dbfs)} dBFS taken out"
    if stage.kind == "hum" and known.hum is not None:
        hum = known.hum
        lines = "1 harmonic" if hum.harmonics == 1 else f"{hum.harmonics} harmonics"
        return f"{hum.mains_hz:.2f} Hz, {lines}, {number(hum.level_dbfs)} dBFS; {level}"
    if stage.kind == "noise" and known.noise is not None:
        return f"floor at {number(known.noise.level_dbfs)} dBFS, down by up to {settings.reduction_db:g} dB; {level}"
    if stage.kind == "rumble":
        return f"under 20 Hz; {level}"
    places = "1 place" if stage.places == 1 else f"{stage.places} places"
    return f"{places}; {level}"
