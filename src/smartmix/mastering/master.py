"""Master audio or a file: gain and a true peak limiter, to a loudness and under a ceiling."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.analysis.loudness import MAX_CHANNELS, Loudness, measure_blocks, measure_loudness
from smartmix.audio.buffer import Audio, check_finite, check_sample_rate, check_samples
from smartmix.audio.io import DEFAULT_BLOCK_FRAMES, probe, stream
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.errors import AudioError
from smartmix.mastering.loop import Goal, LimitedStream, Outcome, Source, find_gain
from smartmix.mastering.result import MasterResult
from smartmix.mastering.targets import Target, load_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples
    from smartmix.progress import Progress

DEFAULT_TARGET_LUFS = -14.0
DEFAULT_CEILING_DBTP = -1.0
MAX_UNASKED_REDUCTION_DB = 3.0
"""Without a target that somebody asked for, the limiter never takes more than this."""
REACHED_LU = 0.1
_TARGET_RANGE_LUFS = (-60.0, -1.0)
_CEILING_RANGE_DBTP = (-24.0, 0.0)


def master(
    audio: NDArray[np.floating],
    sample_rate: float,
    target: float | str | Target | None = None,
    reference: NDArray[np.floating] | None = None,
    *,
    ceiling_dbtp: float | None = None,
) -> tuple[Audio, MasterResult]:
    """Bring a mix (channels, frames) to a loudness, its true peaks under a ceiling.

    ``target`` is an integrated loudness in LUFS or the name of a target (``target_names()``), which also
    brings its ceiling. ``reference``: audio at the same sample rate whose loudness is the target. Either is
    met even if it takes much limiting, or said to be unreachable. With neither, -14 LUFS is approached within
    3 dB of gain reduction. The result has the mix's length, without delay, unquantised; its true peak is at
    most ``ceiling_dbtp`` (-1 if not given). Errors: AudioError, AudioShapeError, TargetError.
    """
    samples = check_samples(audio, max_channels=MAX_CHANNELS)
    rate = int(check_sample_rate(sample_rate))
    named = load_target(target) if isinstance(target, str) else target
    asked_lufs = named.integrated_lufs if isinstance(named, Target) else named
    if ceiling_dbtp is None:
        ceiling_dbtp = named.ceiling_dbtp if isinstance(named, Target) else DEFAULT_CEILING_DBTP
    if asked_lufs is not None and reference is not None:
        raise AudioError("give a target or a reference, not both")
    if reference is not None:
        asked_lufs = _reference_lufs(reference, rate)
    check_finite(samples)
    goal, target_source = _goal(asked_lufs, None, ceiling_dbtp)
    source = Source(lambda: _blocks_of(samples), rate, samples.shape[0], samples.shape[1])
    outcome = find_gain(source, goal)
    pieces = list(_chosen_stream(source, outcome))
    mastered = Audio(np.concatenate(pieces, axis=1) if pieces else samples, rate)
    return mastered, _result(goal, target_source, outcome, outcome.chosen.loudness)


def master_file(
    source: str | Path,
    output: str | Path,
    *,
    target_lufs: float | None,
    rough_lufs: float | None,
    ceiling_dbtp: float = DEFAULT_CEILING_DBTP,
    bits: WavBits = 24,
    force: bool = False,
    progress: Progress | None = None,
) -> MasterResult:
    """Master a sound file to a WAV file at its own sample rate, in blocks: memory does not grow with length.

    ``target_lufs`` is met even if it takes more than 3 dB of gain reduction, or said to be unreachable.
    Without it the rough mix's loudness (``rough_lufs``), else -14 LUFS, is approached within 3 dB of gain
    reduction.
    The loudness in the result is read back from the written file. The same file and settings give the same
    bytes. Errors: AudioError, OutputExistsError (without ``force``).
    """
    info = probe(source)
    goal, target_source = _goal(target_lufs, rough_lufs, ceiling_dbtp)
    audio = Source(lambda: stream(info.path), info.sample_rate, info.channels, info.frames)
    with WavWriter(output, info.sample_rate, info.channels, bits=bits, force=force) as writer:
        outcome = find_gain(audio, goal, progress)
        done = 0
        for block in _chosen_stream(audio, outcome):
            writer.write(block)
            done += block.shape[1]
            if progress is not None:
                progress("writing the master", done / max(info.frames, 1))
    written = measure_blocks(stream(output), info.sample_rate, info.channels)
    return _result(goal, target_source, outcome, written)


def _goal(asked_lufs: float | None, rough_lufs: float | None, ceiling_dbtp: float) -> tuple[Goal, str]:
    low, high = _CEILING_RANGE_DBTP
    if not low <= ceiling_dbtp <= high:
        raise AudioError(f"ceiling {ceiling_dbtp!r} dBTP: expected {low} to {high}")
    if asked_lufs is not None:
        low, high = _TARGET_RANGE_LUFS
        if not low <= asked_lufs <= high:
            raise AudioError(f"target {asked_lufs!r} LUFS: expected {low} to {high}")
        return Goal(float(asked_lufs), ceiling_dbtp, None), "asked"
    if rough_lufs is not None and math.isfinite(rough_lufs):
        return Goal(float(rough_lufs), ceiling_dbtp, MAX_UNASKED_REDUCTION_DB), "rough"
    return Goal(DEFAULT_TARGET_LUFS, ceiling_dbtp, MAX_UNASKED_REDUCTION_DB), "default"


def _reference_lufs(reference: NDArray[np.floating], sample_rate: float) -> float:
    lufs = measure_loudness(reference, sample_rate).integrated_lufs
    if not math.isfinite(lufs):
        raise AudioError("the reference has no loudness: it is silent or shorter than 0.4 s")
    return lufs


def _blocks_of(samples: Samples) -> Iterator[Samples]:
    for start in range(0, samples.shape[1], DEFAULT_BLOCK_FRAMES):
        yield np.ascontiguousarray(samples[:, start : start + DEFAULT_BLOCK_FRAMES])


def _chosen_stream(source: Source, outcome: Outcome) -> LimitedStream:
    return LimitedStream(source, outcome.chosen.gain_db, outcome.chosen.limiter_ceiling_dbtp)


def _result(goal: Goal, target_source: str, outcome: Outcome, loudness: Loudness) -> MasterResult:
    chosen = outcome.chosen
    return MasterResult(
        target_lufs=goal.target_lufs,
        target_source=target_source,
        ceiling_dbtp=goal.ceiling_dbtp,
        reached=not outcome.reason and abs(loudness.integrated_lufs - goal.target_lufs) <= REACHED_LU,
        reason=outcome.reason,
        gain_db=chosen.gain_db,
        loudness=loudness,
        max_gain_reduction_db=chosen.max_reduction_db,
        mean_gain_reduction_db=chosen.mean_reduction_db,
        passes=outcome.passes,
    )
