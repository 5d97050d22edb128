"""Files to hand over: WAV (BWF, RF64), FLAC, lossy formats where there is an encoder; dithered, tagged, whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples, check_finite, check_samples
from smartmix.audio.encoders import LossyEncoder, lossy_formats
from smartmix.audio.files import AtomicFile, readable_errors
from smartmix.audio.noise_shaping import DitherKind, dither_of
from smartmix.audio.tagging import tagged
from smartmix.audio.tags import LoudnessFigures, Tags, bext_chunk, info_chunk
from smartmix.audio.wav import WavBits, WavWriter
from smartmix.errors import AudioError, AudioShapeError

if TYPE_CHECKING:
    from types import TracebackType

WAV_SUFFIXES = frozenset({".wav", ".wave", ".bwf", ".rf64"})
Kind = Literal["wav", "flac", "lossy"]


class _Writer(Protocol):
    def write(self, samples: Samples) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class DeliveryWriter:
    """Write a finished programme of one or two channels piece by piece; use it in a ``with`` block.

    The name's ending says the format: .wav .bwf (RF64 by itself past 4 GiB) and .flac at ``bits`` 16, 24 or, for WAV,
    "32f"; .mp3 .ogg .opus .m4a with the system's encoders at a high rate (320, about 256, about 260 and 256 kb/s), at
    the nearest sample rate they have. ``dither``: "tpdf"
    (seeded: the same samples give the same bytes), "shaped" (noise where the ear is least keen; for the last step to 16
    bits) or "none"; files that will be added up want a ``dither_seed`` each.
    ``tags`` go into the file in its format's own way; a WAV with ``bext`` also gets a Broadcast Wave
    chunk with ``start_frames`` and the ``loudness``, which may be set until the block ends. The file appears when the
    block ends well and not at all otherwise. Errors: OutputExistsError without ``force``, AudioError for what the
    format cannot hold or samples that are not finite, SmartmixError when the disk is full.
    """

    def __init__(  # noqa: PLR0913 (one per option)
        self,
        path: str | Path,
        sample_rate: int,
        channels: int,
        *,
        bits: WavBits = 24,
        dither: DitherKind = "tpdf",
        dither_seed: int = 0,
        tags: Tags | None = None,
        loudness: LoudnessFigures | None = None,
        bext: bool = False,
        start_frames: int = 0,
        force: bool = False,
    ) -> None:
        self.path = Path(path)
        self.kind = kind_of(self.path)
        self.loudness = loudness
        self.frames = 0
        self._sums = np.zeros(channels)
        self._tags = tags or Tags()
        self._bext, self._start_frames = bext, start_frames
        if channels not in (1, 2):
            raise AudioShapeError(f"{path}: expected 1 or 2 channels, got {channels}")
        self._rate = rate = int(sample_rate)
        self._wav: WavWriter | None = None
        self._inner: _Writer
        if self.kind == "wav":
            self._wav = WavWriter(
                path,
                rate,
                channels,
                bits=bits,
                dither=dither,
                dither_seed=dither_seed,
                force=force,
                head_chunks=self._chunks(),
            )
            self._inner = self._wav
        elif self.kind == "flac":
            self._inner = _FlacWriter(
                self.path, rate, channels, bits, (dither, dither_seed), self._tags, force=force
            )
        else:
            self._inner = LossyEncoder(self.path, rate, channels, tags=self._tags, force=force)

    def _chunks(self) -> bytes:
        head = (
            bext_chunk(self._tags, start_frames=self._start_frames, loudness=self.loudness)
            if self._bext
            else b""
        )
        return head + info_chunk(self._tags)

    @property
    def clipped_samples(self) -> int:
        """How many samples were past full scale and held there; 0 for float and lossy files, which hold them."""
        if self._wav is not None:
            return self._wav.clipped_samples
        return self._inner.clipped_samples if isinstance(self._inner, _FlacWriter) else 0

    @property
    def offsets(self) -> NDArray[np.float64]:
        """The mean of each channel of what was written, full scale 1."""
        offsets: NDArray[np.float64] = self._sums / max(self.frames, 1)
        return offsets

    @property
    def written_rate(self) -> int:
        """The sample rate of the file, Hz: a lossy format does not have every one."""
        return self._inner.coded_rate if isinstance(self._inner, LossyEncoder) else self._rate

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def write(self, samples: Samples) -> None:
        """Append samples (channels, frames)."""
        self._inner.write(samples)
        self._sums += samples.sum(axis=1, dtype=np.float64)
        self.frames += samples.shape[1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wav is not None:
            self._wav.head_chunks = self._chunks()
        self._inner.__exit__(kind, error, trace)


def kind_of(path: Path) -> Kind:
    """What the ending of a name asks for; AudioError for one that is no format, or has no encoder here."""
    suffix = path.suffix.lower()
    if suffix in WAV_SUFFIXES:
        return "wav"
    if suffix == ".flac":
        return "flac"
    if suffix in lossy_formats():
        return "lossy"
    known = ", ".join([".wav", ".flac", *sorted(WAV_SUFFIXES - {".wav"}), *sorted(lossy_formats())])
    raise AudioError(
        f"{path}: no format by this name (or no encoder for it here); there are {known}. "
        "For a folder of this name, make it first"
    )


class _FlacWriter:
    """FLAC of 16 or 24 bits through libsndfile, tagged when it is whole."""

    def __init__(  # noqa: PLR0917 (of one caller)
        self,
        path: Path,
        rate: int,
        channels: int,
        bits: WavBits,
        dither: tuple[DitherKind, int],
        tags: Tags,
        *,
        force: bool,
    ) -> None:
        if bits == "32f":
            raise AudioError(f"{path}: FLAC holds whole numbers; choose 16 or 24 bits, or a WAV file")
        if rate > 655_350:
            raise AudioError(f"{path}: FLAC goes to 655 350 Hz, got {rate}")
        self._dither = dither_of(dither[0], bits, channels, rate, seed=dither[1])
        self._bits, self._rate, self._channels, self._tags = bits, rate, channels, tags
        self._path, self._frames = path, 0
        self._file = AtomicFile(path, force=force)

    @property
    def clipped_samples(self) -> int:
        """Samples held at full scale."""
        return self._dither.clipped_samples

    def __enter__(self) -> Self:
        import soundfile

        self._file.__enter__()
        with self._abandoned_on_error(), readable_errors(self._path):
            self._sound = soundfile.SoundFile(
                self._file.stream, "w", self._rate, self._channels, f"PCM_{self._bits}", format="FLAC"
            )
        return self

    def write(self, samples: Samples) -> None:
        block = check_samples(samples)
        if block.shape[0] != self._channels:
            raise AudioShapeError(
                f"{self._path}: expected {self._channels} channels, got shape {block.shape}"
            )
        check_finite(block, str(self._path), first_frame=self._frames)
        codes = self._dither.quantise(block)
        with readable_errors(self._path):
            self._sound.write(np.left_shift(codes, 32 - int(self._bits)))
        self._frames += block.shape[1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with contextlib.suppress(Exception):
                self._sound.close()
        else:
            with self._abandoned_on_error(), readable_errors(self._path):
                self._sound.close()
                self._file.stream.flush()
                tagged(Path(self._file.stream.name), "flac", self._tags)
        self._file.__exit__(kind, error, trace)

    @contextlib.contextmanager
    def _abandoned_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException as failure:
            self._file.__exit__(type(failure), failure, failure.__traceback__)
            raise
