"""Lossy files through the encoders the system has: libsndfile's (MP3, Ogg Vorbis, Opus), ffmpeg's (AAC in M4A)."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from smartmix.audio.buffer import Samples, check_finite, check_samples
from smartmix.audio.files import AtomicFile, readable_errors
from smartmix.errors import AudioError, AudioShapeError

if TYPE_CHECKING:
    from types import TracebackType

    from smartmix.audio.tags import Tags

AAC_KBPS = 256
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Lossy:
    """A lossy format: libsndfile's names and quality (0 is its best), and the sample rates it has."""

    name: str
    container: str = ""
    codec: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    rates_hz: tuple[int, ...] = ()


_LOW_RATES = (8000, 12_000, 16_000, 24_000, 48_000)
_MPEG_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
# Constant 320 kb/s; about 256 kb/s; about 260 kb/s (read back from files of noise).
_SNDFILE = {
    ".mp3": Lossy(
        "mp3",
        "MP3",
        "MPEG_LAYER_III",
        (("bitrate_mode", "CONSTANT"), ("compression_level", 0.0)),
        _MPEG_RATES,
    ),
    ".ogg": Lossy("ogg", "OGG", "VORBIS", (("compression_level", 0.25),)),
    ".opus": Lossy("opus", "OGG", "OPUS", (("compression_level", 0.5),), _LOW_RATES),
}
_AAC = Lossy("m4a", rates_hz=(*_MPEG_RATES, 64_000, 88_200, 96_000))


@cache
def lossy_formats() -> dict[str, Lossy]:
    """Formats by the ending of a name that can be written here."""
    import soundfile

    there = {
        suffix: form
        for suffix, form in _SNDFILE.items()
        if form.container in soundfile.available_formats()
        and form.codec in soundfile.available_subtypes(form.container)
    }
    return there | ({".m4a": _AAC} if shutil.which("ffmpeg") else {})


def coded_rate(form: Lossy, sample_rate: int) -> int:
    """The rate a format is written at: the file's own where it has it, else the nearest above, else its highest."""
    if not form.rates_hz or sample_rate in form.rates_hz:
        return sample_rate
    if sample_rate % 44_100 == 0 and 44_100 in form.rates_hz:
        return 44_100
    return min((rate for rate in form.rates_hz if rate > sample_rate), default=max(form.rates_hz))


class LossyEncoder:
    """Write a lossy file piece by piece in a ``with`` block; the file appears when it is whole.

    Samples go to the encoder as they are, in float: it wants no dither. Where the format does not have the sample rate,
    they are resampled (soxr, very high quality). Peaks may come out higher than they went in: leave it room.
    """

    def __init__(self, path: Path, rate: int, channels: int, *, tags: Tags, force: bool) -> None:
        self.path = path
        self.form = lossy_formats()[path.suffix.lower()]
        self.rate, self.channels = rate, channels
        self.coded_rate = coded_rate(self.form, rate)
        self._tags = tags
        self._frames = 0
        self._file = AtomicFile(path, force=force)
        self._sound: Any = None
        self._process: subprocess.Popen[bytes] | None = None
        self._resampler: Any = None

    def __enter__(self) -> Self:
        self._file.__enter__()
        with self._abandoned_on_error(), readable_errors(self.path):
            if self.coded_rate != self.rate:
                import soxr

                self._resampler = soxr.ResampleStream(
                    self.rate, self.coded_rate, self.channels, dtype="float32", quality="VHQ"
                )
            if self.form.container:
                self._sound = self._opened()
            else:
                self._process = self._started()
        return self

    def _opened(self) -> Any:
        import soundfile

        options = dict(self.form.options)
        return soundfile.SoundFile(
            self._file.stream,
            "w",
            self.coded_rate,
            self.channels,
            self.form.codec,
            format=self.form.container,
            **options,
        )

    def _started(self) -> subprocess.Popen[bytes]:
        words = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "f32le", "-ar", str(self.coded_rate)]
        words += ["-ac", str(self.channels), "-i", "pipe:0", "-map_metadata", "-1", "-fflags", "+bitexact"]
        words += ["-flags", "+bitexact", "-c:a", "aac", "-b:a", f"{AAC_KBPS}k", "-f", "ipod"]
        # By its number: a name that begins with a dash is then no option.
        target = Path(self._file.stream.name).absolute()
        return subprocess.Popen(
            [*words, f"file:{target}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def write(self, samples: Samples) -> None:
        """Append samples (channels, frames)."""
        block = check_samples(samples)
        if block.shape[0] != self.channels:
            raise AudioShapeError(f"{self.path}: expected {self.channels} channels, got shape {block.shape}")
        check_finite(block, str(self.path), first_frame=self._frames)
        self._frames += block.shape[1]
        self._encode(np.ascontiguousarray(block.T), last=False)

    def _encode(self, interleaved: np.ndarray[Any, np.dtype[np.float32]], *, last: bool) -> None:
        if self._resampler is not None:
            interleaved = self._resampler.resample_chunk(interleaved, last=last)
        if not interleaved.size:
            return
        with readable_errors(self.path):
            if self._process is None:
                self._sound.write(interleaved)
            else:
                pipe: IO[bytes] | None = self._process.stdin
                assert pipe is not None
                try:
                    pipe.write(interleaved.astype("<f4").tobytes())
                except BrokenPipeError:
                    raise AudioError(f"{self.path}: the encoder stopped ({self._said()})") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._give_up()
            self._file.__exit__(kind, error, trace)
            return
        with self._abandoned_on_error(), readable_errors(self.path):
            if self._resampler is not None:
                self._encode(np.zeros((0, self.channels), np.float32), last=True)
            self._finish()
            from smartmix.audio.tagging import tagged

            tagged(Path(self._file.stream.name), self.form.name, self._tags)
        self._file.__exit__(None, None, None)

    def _finish(self) -> None:
        if self._process is None:
            self._sound.close()
            self._file.stream.flush()
            return
        _, said = self._process.communicate(timeout=_WAIT_S)
        if self._process.returncode:
            raise AudioError(f"{self.path}: ffmpeg could not encode it ({_last_line(said)})")

    def _give_up(self) -> None:
        with contextlib.suppress(Exception):
            if self._sound is not None:
                self._sound.close()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _said(self) -> str:
        assert self._process is not None
        _, said = self._process.communicate(timeout=_WAIT_S)
        return _last_line(said)

    @contextlib.contextmanager
    def _abandoned_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException as failure:
            self._give_up()
            self._file.__exit__(type(failure), failure, failure.__traceback__)
            raise


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
