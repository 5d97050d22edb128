"""Sound files in: what a file holds, and its samples, whole or as a stream of blocks."""

from __future__ import annotations

import os
import sys
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from smartmix.audio.buffer import Audio, Samples, check_finite, check_sample_rate
from smartmix.audio.declared import declared_frames
from smartmix.audio.foreign import FOREIGN_SUFFIXES, decoded
from smartmix.audio.pcm24 import Pcm24Reader, pcm24_start
from smartmix.audio.resample import StreamResampler, resampled_frames
from smartmix.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

DEFAULT_BLOCK_FRAMES = 16_384


MOST_FRAMES = 1 << 60
"""More than any file holds: libsndfile's word for a length that is not known."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Format of a sound file; ``frames`` are per channel at ``sample_rate`` Hz."""

    path: Path
    sample_rate: int
    channels: int
    frames: int
    subtype: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def probe(path: str | Path) -> AudioInfo:
    """Read the header of a sound file. AudioError when it is missing, cut short or no sound file."""
    path = Path(path)
    if path.is_dir():
        raise AudioError(f"{path}: is a folder, expected a sound file")
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    readable = _readable(path)
    try:
        info = soundfile.info(_system_name(readable))
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(f"{path}: cannot be read as a sound file ({_reason(error)})") from error
    check_sample_rate(info.samplerate)
    if info.frames > MOST_FRAMES:
        raise AudioError(
            f"{path}: does not say how long it is, as files from a pipe do; write it again (flac, ffmpeg) to a file"
        )
    declared = declared_frames(readable)
    if declared is not None and declared > info.frames:
        raise AudioError(_ends_early(path, int(info.frames), declared))
    return AudioInfo(path, int(info.samplerate), int(info.channels), int(info.frames), str(info.subtype))


def read(path: str | Path, sample_rate: int | None = None) -> Audio:
    """A whole sound file, resampled to ``sample_rate`` (Hz) if given, no delay. Errors as ``stream``."""
    info = probe(path)
    rate = info.sample_rate if sample_rate is None else sample_rate
    samples = np.zeros((info.channels, resampled_frames(info.frames, info.sample_rate, rate)), np.float32)
    at = 0
    for block in stream(path, sample_rate=rate):
        samples[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return Audio(samples, rate)


def stream(
    path: str | Path,
    *,
    sample_rate: int | None = None,
    block_frames: int = DEFAULT_BLOCK_FRAMES,
    start_frame: int = 0,
    frames: int | None = None,
    played_at_hz: int | None = None,
) -> Iterator[Samples]:
    """The samples of a sound file as blocks (channels, block_frames) float32; only the last may be shorter.

    ``sample_rate`` (Hz) resamples with soxr VHQ: the whole is ``round(frames * to / from)`` long, frame 0
    stays frame 0, and any block size gives the same samples. ``start_frame`` and ``frames`` choose a part,
    counted at the rate that comes out; a part past the end is shorter or empty. ``played_at_hz`` replaces the
    rate in the header, where that is wrong. AudioError for a file that is missing, unreadable, cut short, or
    holds a sample that is not a finite number (named by frame). Memory: a few blocks.
    """
    info = probe(path)
    if played_at_hz is not None:
        info = replace(info, sample_rate=int(check_sample_rate(played_at_hz)))
    rate = info.sample_rate if sample_rate is None else int(check_sample_rate(sample_rate))
    if block_frames < 1 or start_frame < 0 or (frames is not None and frames < 0):
        raise AudioError(
            f"{path}: expected block_frames >= 1, start_frame >= 0 and frames >= 0, "
            f"got {block_frames}, {start_frame}, {frames}"
        )
    total = resampled_frames(info.frames, info.sample_rate, rate)
    first = min(start_frame, total)
    last = total if frames is None else min(start_frame + frames, total)
    if rate == info.sample_rate:
        return _file_blocks(info, block_frames, first, max(last, first))
    return reblock(_resampled_blocks(info, rate), block_frames, first, max(last, first))


def after_silence(
    blocks: Iterable[Samples], silent_frames: int, channels: int, block_frames: int
) -> Iterator[Samples]:
    """Blocks (channels, block_frames) that begin with ``silent_frames`` of silence; only the last may be shorter."""
    silence = (
        np.zeros((channels, min(block_frames, silent_frames - at)), np.float32)
        for at in range(0, silent_frames, block_frames)
    )
    return reblock(chain(silence, blocks), block_frames)


def _file_blocks(info: AudioInfo, block_frames: int, first: int, last: int) -> Iterator[Samples]:
    """Frames first .. last of a file at its own rate."""
    start = pcm24_start(info.path, info.channels) if info.subtype == "PCM_24" else None
    if start is not None:
        yield from _pcm24_blocks(info, start, block_frames, (first, last))
        return
    try:
        with _opened(info) as file:
            if first:
                file.seek(first)
            at = first
            while at < last:
                wanted = min(block_frames, last - at)
                block = _read_block(file, info, at, wanted)
                at += wanted
                yield block
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(f"{info.path}: cannot be read as a sound file ({_reason(error)})") from error


def _pcm24_blocks(info: AudioInfo, start: int, block_frames: int, span: tuple[int, int]) -> Iterator[Samples]:
    """The same of a WAV file of 24 bits whose samples begin at byte ``start``."""
    at, last = span
    try:
        _opened(info).close()
        with info.path.open("rb") as file:
            reader = Pcm24Reader(file, start, info.channels, at)
            while at < last:
                wanted = min(block_frames, last - at)
                block = reader.read(wanted)
                if block.shape[1] < wanted:
                    raise AudioError(_ends_early(info.path, at + block.shape[1], info.frames))
                at += wanted
                yield block
    except OSError as error:
        raise AudioError(f"{info.path}: cannot be read ({_reason(error)})") from error
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(f"{info.path}: cannot be read as a sound file ({_reason(error)})") from error


def _opened(info: AudioInfo) -> soundfile.SoundFile:
    """The file, open; AudioError when it is no longer the one that was probed."""
    file = soundfile.SoundFile(_system_name(_readable(info.path)))
    if (file.channels, file.frames) != (info.channels, info.frames):
        file.close()
        raise AudioError(f"{info.path}: has changed while it was being read; run again when it is finished")
    return file


def _readable(path: Path) -> Path:
    """The file libsndfile reads for a path: the path itself, or a decoded copy of a format it does not know."""
    return decoded(path) if path.suffix.lower() in FOREIGN_SUFFIXES else path


def _system_name(path: Path) -> str | bytes:
    """The name as the system spells it: on POSIX names are bytes and need not be text."""
    return str(path) if os.name == "nt" else os.fsencode(path)


_PLAINLY = {
    "psf_fseek": "its header and its data do not fit together",
    "psf_seek": "its header and its data do not fit together",
    "SF_INFO struct incomplete": "its header is damaged: sample rate, channels or format make no sense",
    "Unspecified internal error": "its header is damaged",
    "malloc () failed": "there is not enough memory to read it",
}
"""What libsndfile says of its own insides, and what that means; everything else it says is passed on."""


def _reason(error: Exception) -> str:
    """What libsndfile says, without the name of the file, which stands in front already; its own insides in words."""
    said = str(getattr(error, "error_string", error)).strip()
    return next((plain for inside, plain in _PLAINLY.items() if inside in said), said)


def read_excerpts(
    path: str | Path, starts: Sequence[int], frames: int, *, info: AudioInfo | None = None
) -> NDArray[np.float32]:
    """Parts of a sound file (parts, channels, frames) at its own rate, each from its start frame on; what lies
    outside the file is silence. The file is opened once and nothing between the parts is decoded where the format
    allows. Errors as ``stream``.
    """
    info = info or probe(path)
    parts = np.zeros((len(starts), info.channels, frames), np.float32)
    try:
        with _opened(info) as file:
            for part, start in zip(parts, starts, strict=True):
                first, last = max(start, 0), min(start + frames, info.frames)
                if last > first:
                    file.seek(first)
                    part[:, first - start : last - start] = _read_block(file, info, first, last - first)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(f"{info.path}: cannot be read as a sound file ({_reason(error)})") from error
    return parts


def _read_block(file: soundfile.SoundFile, info: AudioInfo, at: int, wanted: int) -> Samples:
    try:
        interleaved = file.read(wanted, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise AudioError(
            f"{info.path}: damaged after frame {at} of {info.frames} ({_reason(error)})"
        ) from error
    if len(interleaved) < wanted:
        raise AudioError(_ends_early(info.path, at + len(interleaved), info.frames))
    block: Samples = np.ascontiguousarray(interleaved.T)
    check_finite(block, str(info.path), first_frame=at, advice="export the file again")
    return block


def _resampled_blocks(info: AudioInfo, rate: int) -> Iterator[Samples]:
    resampler = StreamResampler(info.sample_rate, rate, info.channels)
    for block in _file_blocks(info, DEFAULT_BLOCK_FRAMES, 0, info.frames):
        yield resampler.push(block)
    yield resampler.finish()


def reblock(
    pieces: Iterable[Samples], block_frames: int, first: int = 0, last: int = sys.maxsize
) -> Iterator[Samples]:
    """Cut pieces (channels, any length) into blocks of one length, keeping frames first .. last."""
    waiting: deque[Samples] = deque()
    held = 0
    at = 0
    for piece in pieces:
        begin, end = max(first - at, 0), min(last - at, piece.shape[1])
        at += piece.shape[1]
        if end > begin:
            waiting.append(piece[:, begin:end])
            held += end - begin
        while held >= block_frames:
            yield _take(waiting, block_frames)
            held -= block_frames
        if at >= last:
            break
    if held:
        yield _take(waiting, held)


def _take(waiting: deque[Samples], frames: int) -> Samples:
    parts = []
    while frames:
        piece = waiting.popleft()
        parts.append(piece[:, :frames])
        if piece.shape[1] > frames:
            waiting.appendleft(piece[:, frames:])
        frames -= parts[-1].shape[1]
    return np.concatenate(parts, axis=1)


def _ends_early(path: Path, got: int, expected: int) -> str:
    return f"{path}: the data ends early: {got} of {expected} frames can be read; copy the file again"
