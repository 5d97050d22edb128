"""An album: songs mastered to one loudness together, each as much louder or softer than the others as it was."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from smartmix.analysis.album import AlbumLoudness, album_loudness, loudness_with_gains
from smartmix.analysis.loudness import Loudness, ProgrammeMeter
from smartmix.audio.buffer import Samples
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.files import check_target, put_in_place
from smartmix.audio.io import probe, stream
from smartmix.audio.noise_shaping import DitherKind
from smartmix.audio.tags import Tags
from smartmix.audio.wav import WavBits
from smartmix.errors import SmartmixError
from smartmix.mastering.design import MasterSettings, level_aim
from smartmix.mastering.files import master_song
from smartmix.mastering.inspect import SILENCE_DBFS
from smartmix.mastering.references import ReferenceLike, keep_off_recordings
from smartmix.mastering.result import MasterResult
from smartmix.mastering.targets import Target
from smartmix.progress import Progress, part, silent

TRIMMED_DBFS = -90.0
"""Only what is quieter than this is taken off an end to make a gap shorter: nothing one could hear."""
LONGEST_GAP_S = 60.0
_STEPS, _CLOSE_LU = 20, 1e-3
"""A shift of all songs shifts the album by as much, but for blocks at the edge of the absolute gate."""
_NUMBERED = re.compile(r"^\d{1,3}[ ._-]")
_BLOCK_FRAMES = 65_536


@dataclass(frozen=True, slots=True)
class AlbumSettings:
    """What an album is asked to be.

    ``master``: the stages of every song and the target of the whole album. ``deviation`` 0..1: how much of each song's
    distance from the album is kept (1: all; 0: every song at the target). ``gap_s``: silence from the end of a song to
    the beginning of the next; None leaves the ends as they are. Files as in DeliveryWriter, at
    ``sample_rate`` (Hz; None: each at its own).
    """

    master: MasterSettings = field(default_factory=MasterSettings)
    deviation: float = 1.0
    gap_s: float | None = None
    bits: WavBits = 24
    dither: DitherKind = "tpdf"
    suffix: str = ".wav"
    tags: Tags | None = None
    sample_rate: int | None = None


@dataclass(frozen=True, slots=True)
class AlbumSong:
    """One song: where it was, where it was meant to come out, where it did; the gap behind it."""

    source: Path
    file: Path
    before: Loudness
    intent_lufs: float
    master: MasterResult
    written: Loudness
    gap_s: float | None

    @property
    def off_lu(self) -> float:
        """How far it came out from what was meant, LU."""
        return self.written.integrated_lufs - self.intent_lufs


@dataclass(frozen=True, slots=True)
class AlbumResult:
    """The album as it was and as it is, one gate over all its songs; ``notes`` are what else is to be known."""

    songs: tuple[AlbumSong, ...]
    target_lufs: float
    before: AlbumLoudness
    after: AlbumLoudness
    notes: tuple[str, ...] = ()


def master_album(
    files: Sequence[str | Path],
    folder: str | Path,
    settings: AlbumSettings | None = None,
    *,
    reference: ReferenceLike | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> AlbumResult:
    """Master the songs in the order given into ``folder``: "01 Name.wav" and so on, tagged with their place.

    The loudness that is shifted to the target is the album's, gated over all songs together (``album_loudness``);
    each song's own target keeps its distance from it, and its own limiter holds the ceiling. A song that cannot reach
    it says so. Errors: SmartmixError for fewer than two songs or one that is silent, AudioError, OutputExistsError
    without ``force``; the songs come to their places together, when all of them are whole.
    """
    settings = settings or AlbumSettings()
    paths = [Path(file) for file in files]
    _check(paths, settings)
    folder = Path(folder)
    targets = [folder / name for name in _names(paths, settings.suffix)]
    report = progress or silent
    meters = [
        _heard(path, part(report, k / 5 / len(paths), (k + 1) / 5 / len(paths)))
        for k, path in enumerate(paths)
    ]
    readings = [meter.loudness() for meter in meters]
    for path, reading in zip(paths, readings, strict=True):
        if not math.isfinite(reading.integrated_lufs):
            raise SmartmixError(f"{path}: silent or shorter than 0.4 s: an album has no place for it")
    before = album_loudness(meters, readings)
    aim = level_aim(_album_target(settings.master), settings.master.ceiling_dbtp, ())
    intents = _intents(meters, readings, before.integrated_lufs, aim.target_lufs, settings.deviation)
    folder.mkdir(parents=True, exist_ok=True)
    keep_off_recordings(targets, paths, reference)
    for target in targets:
        check_target(target, force=force)
    with TemporaryDirectory(prefix=".smartmix-", dir=folder) as bench:
        made = []
        for k, (path, intent) in enumerate(zip(paths, intents, strict=True)):
            mine = replace(settings.master, target=intent, ceiling_dbtp=aim.ceiling_dbtp)
            span = part(report, 0.2 + 0.6 * k / len(paths), 0.2 + 0.6 * (k + 1) / len(paths))
            raw = Path(bench) / f"{k}.wav"
            result = master_song(
                path,
                raw,
                mine,
                reference=reference,
                bits="32f",
                sample_rate=settings.sample_rate,
                progress=span,
            )
            made.append((raw, result))
        ends = [_ends(raw) for raw, _ in made]
        songs, written, done = [], [], dict[Path, Path]()
        (Path(bench) / "done").mkdir()
        for k, (raw, result) in enumerate(made):
            report(targets[k].name, 0.8 + 0.2 * k / len(paths))
            gap = _gap(ends, k, settings.gap_s)
            done[targets[k]] = Path(bench) / "done" / targets[k].name
            meter = _write(raw, done[targets[k]], gap, _tags(settings.tags, paths, k), settings)
            written.append(meter)
            gap_s = None if k + 1 == len(made) else _seconds(ends, k, gap)
            songs.append(
                AlbumSong(paths[k], targets[k], readings[k], intents[k], result, meter.loudness(), gap_s)
            )
        put_in_place(done, force=force)
    after = album_loudness(written, [song.written for song in songs])
    return AlbumResult(
        tuple(songs), aim.target_lufs, before, after, (*_rates(paths, settings), *_of_songs(songs))
    )


def _intents(
    meters: Sequence[ProgrammeMeter],
    readings: Sequence[Loudness],
    album_lufs: float,
    target_lufs: float,
    kept: float,
) -> list[float]:
    """What each song is meant to be, LUFS: its distance from the album by the share that is ``kept``, all shifted so
    that the album, gated as one programme, is at the target. With nothing kept every song is at the target itself.
    """
    songs = [reading.integrated_lufs for reading in readings]
    intents = [target_lufs + kept * (lufs - album_lufs) for lufs in songs]
    if kept in {0.0, 1.0}:  # nothing moves against the others, or the songs are what is asked for
        return intents
    for _ in range(_STEPS):
        gains_db = [meant - lufs for meant, lufs in zip(intents, songs, strict=True)]
        off_lu = target_lufs - loudness_with_gains(meters, gains_db)
        intents = [meant + off_lu for meant in intents]
        if abs(off_lu) < _CLOSE_LU:
            break
    return intents


def _rates(paths: Sequence[Path], settings: AlbumSettings) -> list[str]:
    rates = sorted({probe(path).sample_rate for path in paths})
    if len(rates) == 1 or settings.sample_rate is not None:
        return []
    told = ", ".join(f"{rate / 1000:g}" for rate in rates)
    return [
        f"The songs are at {told} kHz and each keeps its rate: what is played or pressed as one wants one (--rate)"
    ]


def _of_songs(songs: Sequence[AlbumSong]) -> list[str]:
    return [f"{song.file.name}: {note}" for song in songs for note in song.master.notes]


def _check(paths: Sequence[Path], settings: AlbumSettings) -> None:
    if len(paths) < 2:
        raise SmartmixError("an album needs two songs or more; smartmix master takes one")
    if not 0.0 <= settings.deviation <= 1.0:
        raise SmartmixError(f"deviation {settings.deviation!r}: expected 0 to 1")
    if settings.gap_s is not None and not 0.0 <= settings.gap_s <= LONGEST_GAP_S:
        raise SmartmixError(f"gap {settings.gap_s!r} s: expected 0 to {LONGEST_GAP_S:g}")
    for path in paths:
        probe(path)


def _album_target(settings: MasterSettings) -> float | str | Target | None:
    if settings.target == "match":
        raise SmartmixError(
            "an album's target is a loudness or a name; a reference gives each song its sound only"
        )
    return settings.target


def _names(paths: Sequence[Path], suffix: str) -> list[str]:
    """The songs' names with their places in front, unless every one of them begins with a number already."""
    numbered = all(_NUMBERED.match(path.stem) for path in paths)
    names = [
        f"{path.stem if numbered else f'{k:02} {path.stem}'}{suffix}" for k, path in enumerate(paths, start=1)
    ]
    if len(set(names)) < len(names):
        names = [f"{k:02} {path.stem}{suffix}" for k, path in enumerate(paths, start=1)]
    return names


def _tags(tags: Tags | None, paths: Sequence[Path], k: int) -> Tags:
    title = _NUMBERED.sub("", paths[k].stem).strip() or paths[k].stem
    return replace(tags or Tags(), title=title, track=f"{k + 1}/{len(paths)}")


def _heard(path: Path, progress: Progress) -> ProgrammeMeter:
    info = probe(path)
    meter, done = ProgrammeMeter(info.sample_rate, info.channels), 0
    for block in stream(path):
        meter.push(block)
        done += block.shape[1]
        progress(f"listening to {path.name}", done / max(info.frames, 1))
    return meter


@dataclass(frozen=True, slots=True)
class _Ends:
    """Frames of silence before and behind a song, and how many of the latter may be taken off unheard."""

    rate: int
    frames: int
    head: int
    tail: int
    spare: int


def _ends(path: Path) -> _Ends:
    info = probe(path)
    quiet, nothing = (10.0 ** (0.05 * level) for level in (SILENCE_DBFS, TRIMMED_DBFS))
    first, last, last_at_all, at = info.frames, -1, -1, 0
    for block in stream(path):
        peak = np.abs(block).max(axis=0)
        heard, there = np.flatnonzero(peak > quiet), np.flatnonzero(peak > nothing)
        if heard.size:
            first, last = min(first, at + int(heard[0])), at + int(heard[-1])
        if there.size:
            last_at_all = at + int(there[-1])
        at += block.shape[1]
    return _Ends(info.sample_rate, info.frames, first, info.frames - 1 - last, info.frames - 1 - last_at_all)


def _gap(ends: Sequence[_Ends], k: int, gap_s: float | None) -> int:
    """Frames to add behind song k (less than 0: to take off), so that the next one begins when it should."""
    if gap_s is None or k + 1 == len(ends):
        return 0
    mine, following = ends[k], ends[k + 1]
    wanted = round((gap_s - following.head / following.rate) * mine.rate) - mine.tail
    return max(wanted, -mine.spare)


def _seconds(ends: Sequence[_Ends], k: int, added: int) -> float:
    """The gap that comes of it, s."""
    return (ends[k].tail + added) / ends[k].rate + ends[k + 1].head / ends[k + 1].rate


def _write(raw: Path, target: Path, gap: int, tags: Tags, settings: AlbumSettings) -> ProgrammeMeter:
    info = probe(raw)
    meter = ProgrammeMeter(info.sample_rate, info.channels)
    with ExitStack() as stack:
        writer = stack.enter_context(
            DeliveryWriter(
                target,
                info.sample_rate,
                info.channels,
                bits=settings.bits,
                dither=settings.dither,
                tags=tags,
                bext=target.suffix == ".wav",
            )
        )
        for block in _with_gap(stream(raw), info.frames, gap, info.channels):
            meter.push(block)
            writer.write(block)
        writer.loudness = meter.loudness()
    return meter


def _with_gap(blocks: Iterator[Samples], frames: int, gap: int, channels: int) -> Iterator[Samples]:
    left = frames + min(gap, 0)
    for block in blocks:
        if left <= 0:
            break
        yield np.ascontiguousarray(block[:, :left])
        left -= block.shape[1]
    for start in range(0, max(gap, 0), _BLOCK_FRAMES):
        yield np.zeros((channels, min(_BLOCK_FRAMES, gap - start)), np.float32)
