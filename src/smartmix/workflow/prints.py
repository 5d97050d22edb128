"""Prints of a session: main, vocal up and down, instrumental, TV, a cappella, stems; all from one plan and one limiter.

``linked``: every print gets the gain reduction the main got, sample by sample, so prints null against the main.
``recomputed``: the limiter works on each print by itself, at the main's gain and ceiling.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np

from smartmix.analysis.loudness import Loudness, ProgrammeMeter
from smartmix.audio.buffer import Samples
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.files import check_target, put_in_place
from smartmix.audio.io import probe, stream
from smartmix.audio.noise_shaping import DitherKind
from smartmix.audio.tags import Tags
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.errors import SmartmixError
from smartmix.mastering.limited import LimitedStream, Source
from smartmix.mastering.linked import gains_between, reblocked
from smartmix.mastering.loop import Goal, find_gain
from smartmix.mastering.masterplan import MAX_UNASKED_REDUCTION_DB
from smartmix.plan import MixPlan
from smartmix.progress import Progress, part, silent
from smartmix.rendering import render_file, stream_tracks
from smartmix.session import Session
from smartmix.units import db_to_gain
from smartmix.workflow.from_daw import rough_is_the_import
from smartmix.workflow.print_parts import KINDS, Part, parts_of

BusProcessing = Literal["linked", "recomputed"]
DEFAULT_LUFS = -14.0
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class PrintSettings:
    """How prints are made: ``target_lufs`` of the main (None: as the master of a pass, the rough mix's
    loudness, else -14, within 3 dB of reduction), its ceiling, the files'
    format, the song's version for the names, tags for all.
    """

    bus: BusProcessing = "linked"
    target_lufs: float | None = None
    ceiling_dbtp: float = -1.0
    bits: WavBits = 24
    dither: DitherKind = "tpdf"
    suffix: str = ".wav"
    version: str = ""
    tags: Tags | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A print as written: what is in it and how loud it came out."""

    title: str
    file: Path
    tracks: tuple[str, ...]
    loudness: Loudness


@dataclass(frozen=True, slots=True)
class PrintSheet:
    """All prints with what was done to them; ``notices`` say what could not be as asked."""

    prints: tuple[Printed, ...]
    bus: BusProcessing
    gain_db: float
    ceiling_dbtp: float
    max_reduction_db: float
    reason: str
    notices: tuple[str, ...]


def file_name(session: Session, title: str, settings: PrintSettings) -> str:
    """Song, print, version, rate and bits: "Hello - Instrumental - v3 - 48k 24.wav"."""
    rate = f"{session.sample_rate / 1000:g}k"
    word = f"{rate} {settings.bits}" if settings.suffix in (".wav", ".flac") else rate
    parts = [part for part in (session.name, title, settings.version, word) if part]
    return _UNSAFE.sub("_", " - ".join(parts)).strip(" .") + settings.suffix


def sheet_name(version: str) -> str:
    """The sheet's file name: one for each version, as there are prints of each."""
    return _UNSAFE.sub("_", " - ".join(filter(None, ["sheet", version]))) + ".txt"


def make_prints(
    session: Session,
    plan: MixPlan,
    folder: str | Path,
    which: Sequence[str] = KINDS,
    settings: PrintSettings | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> PrintSheet:
    """Render, master and write the prints into ``folder`` (made if it is not there), all as long as the main, tails of
    effects included.

    Chains of plugins on buses and the mix work on the main only: they are no sum of their parts, so prints of a session
    with such chains are refused. Errors: SmartmixError, PlanError, OutputExistsError without ``force``. The prints
    come to their places together, when all of them are whole.
    """
    settings = settings or PrintSettings()
    if any(name == "mix" or any(b.id == name for b in session.buses) for name in plan.chains):
        raise SmartmixError(
            "a chain on a bus or the mix has no parts that add up: take it out to make prints"
        )
    parts, notices = parts_of(session, which)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    targets = [folder / file_name(session, part_.title, settings) for part_ in parts]
    for target in targets:
        check_target(target, force=force)
    report = progress or silent
    printed: list[Printed] = []
    with TemporaryDirectory(prefix=".smartmix-", dir=folder) as bench:
        mix = render_file(
            session, plan, Path(bench) / "mix.wav", progress=part(report, 0.0, 0.2), notices=notices
        )
        bus = _Bus(mix, settings, _unasked_lufs(session), part(report, 0.2, 0.5))
        done: dict[Path, Path] = {}
        (Path(bench) / "done").mkdir()
        for count, (each, target) in enumerate(zip(parts, targets, strict=True)):
            report(each.title, 0.5 + 0.5 * count / len(parts))
            blocks = bus.through(_Sum(session, plan, each))
            done[target] = Path(bench) / "done" / target.name
            loudness = _write(done[target], blocks, session, each.title, settings)
            printed.append(Printed(each.title, target, each.tracks, loudness))
        put_in_place(done, force=force)
    chosen = bus.outcome.chosen
    return PrintSheet(
        tuple(printed),
        settings.bus,
        chosen.gain_db,
        settings.ceiling_dbtp,
        chosen.max_reduction_db,
        bus.outcome.reason,
        tuple(notices),
    )


def _unasked_lufs(session: Session) -> float:
    """The loudness of a main nobody named one for: the rough mix's, as the pass masters it, else -14 LUFS. What an
    import mixed itself is nobody's loudness.
    """
    if session.rough is None or rough_is_the_import(session):
        return DEFAULT_LUFS
    info = probe(session.rough.path)
    meter = ProgrammeMeter(info.sample_rate, info.channels)
    for block in stream(session.rough.path):
        meter.push(block)
    rough_lufs = meter.loudness().integrated_lufs
    return rough_lufs if math.isfinite(rough_lufs) else DEFAULT_LUFS


def _write(
    target: Path,
    blocks: Iterator[Samples],
    session: Session,
    title: str,
    settings: PrintSettings,
) -> Loudness:
    tags = replace(settings.tags or Tags(), title=f"{session.name} ({title})")
    with DeliveryWriter(
        target,
        session.sample_rate,
        2,
        bits=settings.bits,
        dither=settings.dither,
        dither_seed=zlib.crc32(title.encode()),  # alike, the noise of stems would add up by amplitude
        tags=tags,
        bext=settings.suffix == ".wav",
    ) as writer:
        heard: list[Loudness] = []
        for block in _measured(blocks, session.sample_rate, heard):
            writer.write(block)
        writer.loudness = heard[0]
    return heard[0]


def _measured(blocks: Iterator[Samples], rate: int, found: list[Loudness]) -> Iterator[Samples]:
    """The blocks, and what they measured once they are through."""
    meter = ProgrammeMeter(rate, 2)
    for block in blocks:
        meter.push(block)
        yield block
    found.append(meter.loudness())


class _Sum:
    """A print before the limiter, as long as it is asked for; it can be read more than once."""

    def __init__(self, session: Session, plan: MixPlan, each: Part) -> None:
        self._session, self._plan, self._part = session, plan, each

    def blocks(self, frames: int, block_frames: int) -> Iterator[Samples]:
        """Blocks of ``block_frames`` that end with ``frames`` in all."""
        sums = reblocked(self._stream(self._part.tracks), frames, block_frames)
        if not self._part.vocals:
            yield from sums
            return
        more = np.float32(db_to_gain(self._part.vocal_db) - 1.0)
        vocals = reblocked(self._stream(self._part.vocals), frames, block_frames)
        for block, vocal in zip(sums, vocals, strict=True):
            yield block + more * vocal

    def _stream(self, tracks: tuple[str, ...]) -> Iterator[Samples]:
        return stream_tracks(self._session, self._plan, tracks)


class _Bus:
    """Gain and limiter of the main, and prints through them."""

    def __init__(self, mix: Path, settings: PrintSettings, unasked_lufs: float, progress: Progress) -> None:
        info = probe(mix)
        self._info, self._linked = info, settings.bus == "linked"
        self._mix = Source(lambda: stream(mix), info.sample_rate, info.channels, info.frames)
        goal = Goal(
            unasked_lufs if settings.target_lufs is None else settings.target_lufs,
            settings.ceiling_dbtp,
            MAX_UNASKED_REDUCTION_DB if settings.target_lufs is None else None,
        )
        self.outcome = find_gain(self._mix, goal, progress)
        self._master = mix.with_name("main.wav")
        if self._linked:
            with WavWriter(self._master, info.sample_rate, 2) as writer:
                for block in self._limited(self._mix):
                    writer.write(block)

    def _limited(self, source: Source) -> LimitedStream:
        return LimitedStream(source, self.outcome.chosen.gain_db, self.outcome.chosen.limiter_ceiling_dbtp)

    def through(self, sums: _Sum) -> Iterator[Samples]:
        """A print behind the bus."""
        frames, rate = self._info.frames, self._info.sample_rate
        if not self._linked:
            source = Source(lambda: sums.blocks(frames, _BLOCK), rate, 2, frames)
            yield from self._limited(source)
            return
        last = np.float64(db_to_gain(self.outcome.chosen.gain_db))
        mixes = reblocked(stream(self._info.path), frames, _BLOCK)
        masters = reblocked(stream(self._master), frames, _BLOCK)
        for before, after, print_ in zip(mixes, masters, sums.blocks(frames, _BLOCK), strict=True):
            gains = gains_between(before, after, last)
            last = gains[-1] if gains.size else last
            yield (print_.astype(np.float64) * gains).astype(np.float32)


_BLOCK = 65_536
