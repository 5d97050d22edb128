"""Stems through one shared chain: mastered apart, they still add up to the master of their sum.

The plan is designed on the sum. Its equaliser and width are linear, so they may work on each stem; its dynamics listen
to the sum and do the same to every stem; its limiter's gain, sample by sample, is that of the sum.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from smartmix.analysis.loudness import Loudness, ProgrammeMeter
from smartmix.audio.buffer import Samples
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.files import check_target, put_in_place
from smartmix.audio.io import AudioInfo, probe, stream
from smartmix.audio.noise_shaping import DitherKind
from smartmix.audio.tags import Tags
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.errors import AudioError, SmartmixError
from smartmix.figures import number
from smartmix.mastering.chain import MasterChain, Node
from smartmix.mastering.design import MasterSettings
from smartmix.mastering.files import master_song
from smartmix.mastering.linked import gains_between, reblocked
from smartmix.mastering.masterplan import MasterPlan
from smartmix.mastering.references import ReferenceLike, keep_off_recordings
from smartmix.mastering.result import MasterResult
from smartmix.mastering.targets import named_target
from smartmix.mastering.writtenfile import PEAK_TOLERANCE_DB
from smartmix.progress import Progress, part, silent

_BLOCK = 65_536
_ONLY_WHOLE = ("repair", "saturation")
"""Stages that do to a sum what they do not do to its parts."""
Pair = tuple[Samples, Samples]


@dataclass(frozen=True, slots=True)
class StemFiles:
    """What is written: word length, dither, kind of file, tags."""

    bits: WavBits = 24
    dither: DitherKind = "tpdf"
    suffix: str = ".wav"
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class MasteredStems:
    """The stems as written with their loudness, and the master of their sum; ``notes`` are what else is to be known."""

    files: tuple[tuple[Path, Loudness], ...]
    master: MasterResult
    notes: tuple[str, ...] = ()


def master_stems(
    stems: Sequence[str | Path],
    folder: str | Path,
    settings: MasterSettings | None = None,
    *,
    reference: ReferenceLike | None = None,
    form: StemFiles | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> MasteredStems:
    """Master the sum of ``stems`` (files of one sample rate, 1 or 2 channels; shorter ones end in silence) and write
    each stem into ``folder`` as it stands in that master: together they null against it (float: under -100 dBFS).

    Repair, saturation and plugins work on a sum only: SmartmixError when they are asked for. Other errors: AudioError,
    OutputExistsError without ``force``.
    """
    settings, form = settings or MasterSettings(), form or StemFiles()
    infos = _checked([Path(stem) for stem in stems], settings)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    targets = [folder / f"{info.path.stem}{form.suffix}" for info in infos]
    keep_off_recordings(targets, [info.path for info in infos], reference)
    for target in targets:
        check_target(target, force=force)
    report = progress or silent
    with TemporaryDirectory(prefix=".smartmix-", dir=folder) as bench:
        whole, limited = Path(bench) / "sum.wav", Path(bench) / "master.wav"
        _write_sum(infos, whole)
        result = master_song(
            whole,
            limited,
            _unnamed(settings),
            reference=reference,
            bits="32f",
            progress=part(report, 0.0, 0.6),
        )
        assert result.plan is not None
        written, notes, done = [], [], dict[Path, Path]()
        (Path(bench) / "done").mkdir()
        for count, (info, target) in enumerate(zip(infos, targets, strict=True)):
            report(info.path.name, 0.6 + 0.4 * count / len(infos))
            blocks = _mastered(info, whole, limited, result.plan)
            done[target] = Path(bench) / "done" / target.name
            loudness, clipped = _write(blocks, done[target], info, form)
            written.append((target, loudness))
            notes += _notes(target, loudness, clipped, result)
        put_in_place(done, force=force)
    return MasteredStems(tuple(written), result, tuple(notes))


def _notes(target: Path, loudness: Loudness, clipped: int, master: MasterResult) -> list[str]:
    """A ceiling is that of the sum: a stem alone may be over it, and over full scale."""
    if clipped:
        lost = "so the stems no longer add up to the master: --bits 32f keeps them whole"
        return [f"{target.name}: {clipped} samples over full scale, clipped in the file, {lost}"]
    if loudness.true_peak_dbtp <= master.ceiling_dbtp + PEAK_TOLERANCE_DB:
        return []
    peak, ceiling = number(loudness.true_peak_dbtp), number(master.ceiling_dbtp)
    return [f"{target.name}: alone its true peak is {peak} dBTP; the ceiling of {ceiling} is that of the sum"]


def _unnamed(settings: MasterSettings) -> MasterSettings:
    """The same as a loudness and a ceiling: the sum is no file of the delivery, which has rules for files."""
    named = named_target(settings.target)
    if named is None:
        return settings
    ceiling_dbtp = named.ceiling_dbtp if settings.ceiling_dbtp is None else settings.ceiling_dbtp
    return replace(settings, target=named.integrated_lufs, ceiling_dbtp=ceiling_dbtp)


def _checked(paths: Sequence[Path], settings: MasterSettings) -> list[AudioInfo]:
    if len(paths) < 2:
        raise SmartmixError("stems: expected two or more; smartmix master takes one mix")
    if settings.repair or settings.drive_db or settings.chains:
        asked = "repair" if settings.repair else "saturation" if settings.drive_db else "a plugin"
        raise SmartmixError(f"{asked} works on the whole and not on stems that shall add up: leave it out")
    infos = [probe(path) for path in paths]
    names = [info.path.stem for info in infos]
    for info in infos:
        if info.sample_rate != infos[0].sample_rate:
            raise AudioError(
                f"{info.path}: {info.sample_rate} Hz, {infos[0].path.name} has {infos[0].sample_rate}: "
                "stems of one master share a rate"
            )
        if info.channels > 2:
            raise AudioError(f"{info.path}: {info.channels} channels; a stem has 1 or 2")
        if names.count(info.path.stem) > 1:
            raise SmartmixError(f"{info.path}: another stem has this name")
    return infos


def _stem_blocks(info: AudioInfo, frames: int) -> Iterator[Samples]:
    return reblocked(stream(info.path), frames, _BLOCK)


def _write_sum(infos: Sequence[AudioInfo], path: Path) -> None:
    frames = max(info.frames for info in infos)
    with WavWriter(path, infos[0].sample_rate, 2) as writer:
        for blocks in zip(*(_stem_blocks(info, frames) for info in infos), strict=True):
            total = np.zeros_like(blocks[0], np.float64)
            for block in blocks:
                total += block
            writer.write(total.astype(np.float32))


def _mastered(info: AudioInfo, whole: Path, limited: Path, plan: MasterPlan) -> Iterator[Samples]:
    frames = probe(whole).frames
    pairs = zip(reblocked(stream(whole), frames, _BLOCK), _stem_blocks(info, frames), strict=True)
    shared = _shared(plan, info.sample_rate, pairs)
    mains, stems = _Kept(), _Kept()
    last = np.float64(1.0)
    for master in reblocked(stream(limited), frames, _BLOCK):
        while mains.frames < master.shape[1]:
            main, stem = next(shared)
            mains.add(main)
            stems.add(stem)
        before, sound = mains.take(master.shape[1]), stems.take(master.shape[1])
        gains = gains_between(before, master, last)
        last = gains[-1] if gains.size else last
        yield (sound.astype(np.float64) * gains).astype(np.float32)


class _Kept:
    """Blocks of any length in, of the wanted length out."""

    def __init__(self) -> None:
        self._samples = np.zeros((2, 0), np.float32)

    @property
    def frames(self) -> int:
        return self._samples.shape[1]

    def add(self, block: Samples) -> None:
        self._samples = np.concatenate((self._samples, block), axis=1)

    def take(self, frames: int) -> Samples:
        taken, self._samples = self._samples[:, :frames], self._samples[:, frames:]
        return taken


def _shared(plan: MasterPlan, sample_rate: int, pairs: Iterator[Pair]) -> Iterator[Pair]:
    """The sum and a stem through the stages side by side; the dynamics of the stem listen to the sum."""
    of_sum = MasterChain(plan.stages, sample_rate, 2).nodes
    of_stem = MasterChain(plan.stages, sample_rate, 2).nodes
    for name, nodes in of_sum.items():
        if name in _ONLY_WHOLE:
            raise SmartmixError(f"stage {name!r} works on the whole and not on stems that shall add up")
        for main, stem in zip(nodes, of_stem[name], strict=True):
            pairs = _step(main, stem, pairs, keyed=name == "dynamics")
    return pairs


def _step(main: Node, stem: Node, pairs: Iterator[Pair], *, keyed: bool) -> Iterator[Pair]:
    late = skip = main.latency_frames
    silence = np.zeros((2, late), np.float32)
    for whole, sound in _and_then(pairs, (silence, silence) if late else None):
        heard = whole if keyed else None
        out = main.process(whole), _processed(stem, sound, heard)
        drop = min(skip, whole.shape[1])
        skip -= drop
        if drop < whole.shape[1]:
            yield np.ascontiguousarray(out[0][:, drop:]), np.ascontiguousarray(out[1][:, drop:])


def _and_then(pairs: Iterator[Pair], tail: Pair | None) -> Iterator[Pair]:
    yield from pairs
    if tail is not None:
        yield tail


def _processed(node: Node, block: Samples, key: Samples | None) -> Samples:
    return node.process(block) if key is None else node.process_keyed(block, key)


def _write(blocks: Iterator[Samples], target: Path, info: AudioInfo, form: StemFiles) -> tuple[Loudness, int]:
    """Its loudness, and how many samples were cut off at full scale."""
    meter = ProgrammeMeter(info.sample_rate, 2)
    with ExitStack() as stack:
        writer = stack.enter_context(
            DeliveryWriter(
                target,
                info.sample_rate,
                2,
                bits=form.bits,
                dither=form.dither,
                dither_seed=zlib.crc32(target.name.encode()),  # alike, their noise would add up by amplitude
                tags=form.tags,
                bext=form.suffix == ".wav",
            )
        )
        for block in blocks:
            meter.push(block)
            writer.write(block)
        writer.loudness = meter.loudness()
    return meter.loudness(), writer.clipped_samples
