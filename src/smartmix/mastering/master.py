"""Master audio or a file: through the stages of a plan, to a loudness and under a ceiling."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.analysis.loudness import MAX_CHANNELS, Loudness, measure_blocks, measure_loudness
from smartmix.audio.buffer import Audio, check_finite, check_sample_rate, check_samples
from smartmix.audio.io import DEFAULT_BLOCK_FRAMES, probe, stream
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.errors import AudioError, SmartmixError
from smartmix.mastering.design import (
    CEILING_RANGE_DBTP,
    DEFAULT_CEILING_DBTP,
    MATCH,
    TARGET_RANGE_LUFS,
    MasterSettings,
    design,
)
from smartmix.mastering.inforce import told_anew
from smartmix.mastering.limited import LimitedStream, Source
from smartmix.mastering.loop import Goal, Outcome, find_gain
from smartmix.mastering.masterplan import DEFAULT_TARGET_LUFS, MAX_UNASKED_REDUCTION_DB
from smartmix.mastering.measured import with_outcomes
from smartmix.mastering.portrait import Portrait, SilentError, portrait_of
from smartmix.mastering.references import read_references
from smartmix.mastering.result import MasterResult
from smartmix.mastering.song import REACHED_LU, SongMaster, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples
    from smartmix.mastering.amounts import Amount
    from smartmix.mastering.masterplan import MasterPlan
    from smartmix.mastering.references import ReferenceLike
    from smartmix.mastering.targets import Target
    from smartmix.progress import Progress


def master(
    audio: NDArray[np.floating],
    sample_rate: float,
    target: float | str | Target | None = None,
    reference: ReferenceLike | None = None,
    *,
    ceiling_dbtp: float | None = None,
    amount: Amount = 100.0,
    settings: MasterSettings | None = None,
    plan: MasterPlan | None = None,
) -> tuple[Audio, MasterResult]:
    """Bring a mix (channels, frames) to a loudness, its true peaks under a ceiling, and to the sound of a reference.

    ``target`` is an integrated loudness in LUFS or the name of a target (``target_names()``), which also
    brings its ceiling; ``"match"`` the reference's loudness. ``reference``: audio at the same sample rate, a sound
    file, or several, each alone or as (reference, weight): tone, dynamics and width follow it as well, ``amount`` in %
    of each (``35`` or ``{"eq": 35, "width": 0}``; 0 leaves every bit alone). Target and reference are met even if it
    takes much limiting, or said to be unreachable. With neither, -14 LUFS is approached within
    3 dB of gain reduction. ``settings``: all else a master can be asked for (plugins, repair). ``plan``: play this
    plan, with the target, ceiling and amounts in it, instead of designing one. The result has the mix's length,
    without delay, unquantised; its true peak is at most ``ceiling_dbtp`` (-1 if not given). Errors: AudioError,
    AudioShapeError, TargetError, SmartmixError.
    """
    samples = check_samples(audio, max_channels=MAX_CHANNELS)
    rate = int(check_sample_rate(sample_rate))
    check_finite(samples)
    source = Source(lambda: _blocks_of(samples), rate, samples.shape[0], samples.shape[1])
    if plan is not None and (target, ceiling_dbtp, amount, settings) != (None, None, 100.0, None):
        raise SmartmixError(
            "a plan has its own target, ceiling and amounts: change them there, and leave these out"
        )
    if target is None and reference is not None:
        target = MATCH
    references = read_references(reference, rate)
    if plan is not None:
        before = _portrait_or_none(source)
        plan = told_anew(plan, before)
    else:
        wanted = replace(
            settings or MasterSettings(), target=target, ceiling_dbtp=ceiling_dbtp, amount=amount
        )
        before = portrait_of(source.blocks(), rate, source.channels) if references else None
        plan = design("mix", before, references, wanted)
    with SongMaster(plan, source, None) as song:
        rendered = song.render()
        pieces = list(rendered.blocks())
    mastered = Audio(np.concatenate(pieces, axis=1) if pieces else samples, rate)
    if rendered.outcome is not None and before is None:
        return mastered, result_of(plan, rendered, rendered.outcome.chosen.loudness)
    if before is None:
        return mastered, result_of(plan, rendered, measure_loudness(mastered.samples, rate))
    known = None if rendered.outcome is None else rendered.outcome.chosen.loudness
    after = portrait_of(iter(pieces), rate, source.channels, loudness=known)
    plan = with_outcomes(plan, rendered, before, after, references)
    return mastered, result_of(plan, rendered, after.loudness)


def _portrait_or_none(source: Source) -> Portrait | None:
    try:
        return portrait_of(source.blocks(), source.sample_rate, source.channels)
    except SilentError:
        return None


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
    low, high = CEILING_RANGE_DBTP
    if not low <= ceiling_dbtp <= high:
        raise AudioError(f"ceiling {ceiling_dbtp!r} dBTP: expected {low} to {high}")
    if asked_lufs is not None:
        low, high = TARGET_RANGE_LUFS
        if not low <= asked_lufs <= high:
            raise AudioError(f"target {asked_lufs!r} LUFS: expected {low} to {high}")
        return Goal(float(asked_lufs), ceiling_dbtp, None), "asked"
    if rough_lufs is not None and math.isfinite(rough_lufs):
        return Goal(float(rough_lufs), ceiling_dbtp, MAX_UNASKED_REDUCTION_DB), "rough"
    return Goal(DEFAULT_TARGET_LUFS, ceiling_dbtp, MAX_UNASKED_REDUCTION_DB), "default"


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
