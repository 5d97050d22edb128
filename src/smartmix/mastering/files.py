"""A sound file through its master plan to a sound file, streamed."""

from __future__ import annotations

import collections
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.buffer import check_sample_rate
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.encoders import coded_rate, lossy_formats
from smartmix.audio.io import AudioInfo, probe, stream
from smartmix.audio.noise_shaping import DitherKind
from smartmix.audio.resample import resampled_frames
from smartmix.audio.tags import Tags
from smartmix.audio.wav import WavBits
from smartmix.errors import AudioError
from smartmix.mastering.chain import MasterChain, chain_notes
from smartmix.mastering.design import MasterSettings, design
from smartmix.mastering.inspect import inspect_file
from smartmix.mastering.limited import Source
from smartmix.mastering.measured import with_outcomes
from smartmix.mastering.mixfaults import BLOCK_S, MixListener, offset_dbfs
from smartmix.mastering.portrait import MOST_CHANNELS, Portrait, PortraitMeter, SilentError
from smartmix.mastering.references import BLOCK_FRAMES, Reference, keep_off_recordings, read_references
from smartmix.mastering.song import Rendered, SongMaster, planned, result_of
from smartmix.mastering.spool import Spool
from smartmix.mastering.targets import format_notes, named_target, word_length_for
from smartmix.mastering.writtenfile import decoded_loudness, delivery_notes, file_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.audio.buffer import Samples
    from smartmix.mastering.masterplan import MasterPlan
    from smartmix.mastering.references import ReferenceLike
    from smartmix.mastering.result import MasterResult
    from smartmix.progress import Progress

PLAIN_SUFFIXES = {".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff"}
"""Files of plain samples: reading them again is no more work than reading a copy."""


def master_song(  # noqa: PLR0913, PLR0915 (one per option; the whole way of a file)
    source: str | Path,
    output: str | Path | None,
    settings: MasterSettings | None = None,
    *,
    reference: ReferenceLike | None = None,
    plan: MasterPlan | None = None,
    bits: WavBits | None = None,
    dither: DitherKind = "tpdf",
    tags: Tags | None = None,
    sample_rate: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> MasterResult:
    """Master a sound file to a file at its own sample rate, as ``master`` does; memory does not grow with length.

    ``sample_rate`` (Hz) is another one: the mix is resampled (soxr, very high quality) in front of the chain, as it is
    for a lossy format that does not have its rate. ``bits`` None: what a named target takes, else 24.

    The ending of ``output`` says the format (as ``DeliveryWriter`` has them). ``tags`` also bring a WAV its Broadcast
    Wave chunk.

    ``output`` None: design the plan and say what would be done (``loudness`` is then that of the mix). Up to thrice the
    mix as 32-bit float is kept beside the output while it runs. Without a target a reference's loudness is approached
    within 3 dB of gain reduction; ``target`` "match" is met. The same job gives the same bytes. Errors: AudioError,
    OutputExistsError (without ``force``), SmartmixError. ``loudness`` of the result is that of the file as it
    decodes; its ``notes`` name what else is to be known.
    """
    settings = settings or MasterSettings()
    own = _checked(probe(source))
    info = _at_rate(own, output, sample_rate)
    target = None if plan is not None else named_target(settings.target)
    length = bits if bits is not None else word_length_for(target)
    references = read_references(reference, info.sample_rate)
    listener = MixListener(own.sample_rate, own.channels)
    audio = _listened_to(own, info, listener)
    name, fresh = info.path.name, plan is None
    if output is None:
        before, _ = _heard(info, audio, None)
        plan = plan or design(name, before, references, settings)
        MasterChain(plan.stages, info.sample_rate, info.channels)
        told = listener.notes(plan)
        told += () if target is None else format_notes(target, info.sample_rate, str(length))
        return replace(planned(listener.offered(plan) if fresh else plan, before), notes=told)
    keep_off_recordings((output,), (source,), reference)
    folder = Path(output).parent
    with ExitStack() as stack:
        writer = stack.enter_context(
            DeliveryWriter(
                output,
                info.sample_rate,
                info.channels,
                bits=length,
                dither=dither,
                tags=tags,
                bext=tags is not None,
                force=force,
            )
        )
        mix: Portrait | None = None
        if references or plan is not None:
            mix, audio = _heard(info, audio, stack.enter_context(Spool(folder, info.channels)))
        plan = plan or design(name, mix, references, settings)
        song = stack.enter_context(SongMaster(plan, audio, folder))
        rendered = song.render(progress)
        after = _written(rendered, writer, info, mix is not None, progress)
        if rendered.outcome is not None:
            writer.loudness = rendered.outcome.chosen.loudness
    converted = info.sample_rate != own.sample_rate
    told = (*listener.notes(plan, converted=converted), *chain_notes(plan.stages, rendered.chain))
    plan = listener.offered(plan) if fresh else plan
    seen = None if target is None else inspect_file(output)
    if mix is None or after is None:
        result = result_of(plan, rendered, decoded_loudness(writer) if seen is None else seen.loudness)
    else:
        result = _told(plan, rendered, mix, after, references)
        if writer.kind == "lossy":
            result = result_of(result.plan or plan, rendered, decoded_loudness(writer))
    told += file_notes(
        writer, result, sample_rate or own.sample_rate, mix_offset_dbfs=offset_dbfs(listener.offsets)
    )
    if target is not None and seen is not None:
        told += delivery_notes(seen, target, replace(result, notes=told))
    return replace(result, notes=told)


def _checked(info: AudioInfo) -> AudioInfo:
    """A mix that can be mastered."""
    if info.channels > MOST_CHANNELS:
        raise AudioError(f"{info.path}: {info.channels} channels; a master has 1 or 2")
    if info.frames == 0:
        raise AudioError(f"{info.path}: holds no samples")
    return info


def _at_rate(own: AudioInfo, output: str | Path | None, asked_hz: int | None) -> AudioInfo:
    """The mix at the rate of its master: the one asked for or its own, or what a lossy format has instead, so that
    loudness and ceiling are met by what is encoded.
    """
    rate = own.sample_rate if asked_hz is None else int(check_sample_rate(asked_hz))
    suffix = "" if output is None else Path(output).suffix.lower()
    if suffix in lossy_formats():
        rate = coded_rate(lossy_formats()[suffix], rate)
    return replace(own, sample_rate=rate, frames=resampled_frames(own.frames, own.sample_rate, rate))


def _listened_to(own: AudioInfo, info: AudioInfo, listener: MixListener) -> Source:
    """The mix, listened to as it is in its file (resampled, flat tops are flat no more) the first time it is read."""
    first = [True]

    def plain() -> Iterator[Samples]:
        return stream(own.path, block_frames=BLOCK_FRAMES)

    def blocks() -> Iterator[Samples]:
        if first and info.sample_rate == own.sample_rate:
            first.clear()
            return listener.watch(plain())
        if first:
            first.clear()
            collections.deque(listener.watch(plain()), maxlen=0)
        return stream(own.path, sample_rate=info.sample_rate, block_frames=BLOCK_FRAMES)

    return Source(blocks, info.sample_rate, info.channels, info.frames)


def _heard(info: AudioInfo, audio: Source, room: Spool | None) -> tuple[Portrait, Source]:
    """The portrait of the mix, and the mix as it was read for it, where there is room and decoding it took work."""
    meter = PortraitMeter(info.sample_rate, info.channels)
    passing = meter.watch(audio.blocks())
    if room is None or info.path.suffix.lower() in PLAIN_SUFFIXES:
        collections.deque(passing, maxlen=0)
    else:
        room.fill(passing)
        audio = replace(audio, blocks=room.blocks)
    try:
        return meter.portrait(), audio
    except SilentError as error:
        if info.duration_s < BLOCK_S:
            short = f"{info.duration_s:.2g} s, shorter than the {BLOCK_S:g} s that loudness is measured over"
            raise SilentError(f"{info.path}: {short}") from None
        raise SilentError(f"{info.path}: {error}") from None


def _written(
    rendered: Rendered, writer: DeliveryWriter, info: AudioInfo, measured: bool, progress: Progress | None
) -> Portrait | None:
    loudness = None if rendered.outcome is None else rendered.outcome.chosen.loudness
    meter = PortraitMeter(info.sample_rate, info.channels, loudness=loudness)
    done = 0
    for block in meter.watch(rendered.blocks()) if measured else rendered.blocks():
        writer.write(block)
        done += block.shape[1]
        if progress is not None:
            progress("writing the master", done / max(info.frames, 1))
    return meter.portrait() if measured else None


def _told(
    plan: MasterPlan, rendered: Rendered, before: Portrait, after: Portrait, references: tuple[Reference, ...]
) -> MasterResult:
    plan = with_outcomes(plan, rendered, before, after, references)
    return result_of(plan, rendered, after.loudness)
