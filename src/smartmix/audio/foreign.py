"""Formats libsndfile does not know (M4A, AAC, WMA ...): decoded once by what the system has, kept as a float WAV.

Decoders, in this order: the system's own through pedalboard (macOS, Windows), else ``ffmpeg`` if it is installed.
The copy lies in the user's cache, never beside the input, under the hash of the file's bytes: a file that changes is
decoded anew, one that is renamed is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from smartmix.audio.files import AtomicFile
from smartmix.audio.user_cache import user_cache
from smartmix.errors import AudioError, SmartmixError

FOREIGN_SUFFIXES = frozenset(
    {".m4a", ".mp4", ".aac", ".wma", ".ac3", ".eac3", ".mka", ".webm", ".wv", ".ape", ".tta", ".dsf", ".dff"}
)
DEMUXERS = "mov,aac,asf,ac3,eac3,matroska,wv,ape,tta,dsf,iff"
"""What ffmpeg may take a file for, whatever its name: the formats of FOREIGN_SUFFIXES, and no list of other files."""
CACHE_BYTES = 8 << 30
"""Decoded copies kept; the ones unused for longest go first (house: about 60 stereo songs of 16 tracks)."""
LONGEST_DECODE_S = 600
ADVICE = "convert it to WAV or FLAC, or install ffmpeg"


def decoded(path: Path) -> Path:
    """A WAV (32-bit float, the file's own rate and channels) of a file in a foreign format.

    AudioError when nothing on this system decodes it (the message says what to do), or when decoding fails.
    """
    copy = user_cache() / "decoded" / f"{_content_hash(path)}.wav"
    if copy.is_file():
        with contextlib.suppress(OSError):
            copy.touch()
        return copy
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with AtomicFile(copy, force=True) as target:
            _decode(path, Path(target.stream.name))
    except (OSError, SmartmixError) as error:
        if isinstance(error, AudioError):
            raise
        raise AudioError(f"{path}: cannot be decoded into {copy.parent} ({error})") from error
    _prune(copy)
    return copy


def _content_hash(path: Path) -> str:
    try:
        stat = path.stat()
        return _hashed(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror})") from error


@lru_cache(maxsize=1024)
def _hashed(path: Path, *_state: int) -> str:
    """The hash of a file's bytes, taken once for each state the file is in."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _decode(path: Path, target: Path) -> None:
    if _pedalboard_reads(path.suffix.lower()):
        _by_pedalboard(path, target)
        return
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError(f"{path}: nothing here decodes {path.suffix.lower()} files; {ADVICE}")
    _by_ffmpeg(program, path, target)


def _pedalboard_reads(suffix: str) -> bool:
    from pedalboard.io import get_supported_read_formats

    return suffix in get_supported_read_formats()


def _by_pedalboard(path: Path, target: Path) -> None:
    import soundfile
    from pedalboard.io import AudioFile

    try:
        with (
            AudioFile(str(path)) as source,
            soundfile.SoundFile(
                target, "w", int(source.samplerate), source.num_channels, "FLOAT", format="RF64"
            ) as copy,
        ):
            while source.tell() < source.frames:
                copy.write(source.read(1 << 16).T)
    except (OSError, RuntimeError, ValueError) as error:
        raise AudioError(f"{path}: cannot be decoded ({error}); {ADVICE}") from error


def _by_ffmpeg(program: str, path: Path, target: Path) -> None:
    """ffmpeg as a child that may open local files in these formats only: a playlist posing as sound reaches neither the
    network nor other files.
    """
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe",
               "-format_whitelist", DEMUXERS, "-y",
               "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-c:a", "pcm_f32le", "-rf64", "auto",
               "-bitexact", "-f", "wav", f"file:{target}"]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_DECODE_S, check=False)
    except subprocess.TimeoutExpired:
        raise AudioError(f"{path}: decoding takes more than {LONGEST_DECODE_S} s; {ADVICE}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise AudioError(
            f"{path}: cannot be decoded ({said[-1] if said else 'ffmpeg failed'}); export it again"
        )


def _prune(newest: Path) -> None:
    """Keep the cache within CACHE_BYTES; files another program removes meanwhile are no fault."""
    with contextlib.suppress(OSError):
        copies = [(p, p.stat()) for p in newest.parent.glob("*.wav") if p != newest]
        room = CACHE_BYTES - newest.stat().st_size
        for path, stat in sorted(copies, key=lambda c: -c[1].st_mtime):
            room -= stat.st_size
            if room < 0:
                path.unlink(missing_ok=True)
