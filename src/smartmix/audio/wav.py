"""WAV files out: RIFF, RF64 past 4 GiB, nothing in them that depends on the clock."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from smartmix import _core
from smartmix.audio.buffer import Audio, Samples, check_finite, check_sample_rate, check_samples
from smartmix.audio.files import AtomicFile, readable_errors
from smartmix.audio.noise_shaping import DitherKind, dither_of
from smartmix.audio.riff import riff_chunk
from smartmix.errors import AudioError, AudioShapeError

if TYPE_CHECKING:
    from types import TracebackType

WavBits = Literal[16, 24, "32f"]

_PCM, _FLOAT = 1, 3
_DS64_BODY_BYTES = 28
_UNKNOWN_32 = 0xFFFFFFFF
_LARGEST_RIFF_BYTES = 0xFFFFFFFF


class WavWriter:
    """Write a WAV file of one or two channels piece by piece; use it in a ``with`` block.

    ``bits`` 16 and 24 are dithered (seeded: the same samples give the same bytes, however they are cut) and
    held at full scale, with ``clipped_samples`` counting how many were; "32f" keeps every sample as it is.
    The file appears when the block ends well and not at all otherwise. Past ``rf64_above_bytes`` it becomes
    RF64 by itself. Errors: OutputExistsError for an existing target without ``force``; AudioError for
    non-finite samples; SmartmixError when the disk is full. ``dither`` is for 16 and 24 bits: "tpdf", "shaped"
    (noise where the ear is least keen) or "none". ``head_chunks`` are whole chunks put before the samples (``bext``,
    ``LIST``); they may be replaced by others of the same length until the file is closed.
    """

    def __init__(  # noqa: PLR0913 (one per option)
        self,
        path: str | Path,
        sample_rate: float,
        channels: int,
        *,
        bits: WavBits = "32f",
        force: bool = False,
        dither_seed: int = 0,
        dither: DitherKind = "tpdf",
        head_chunks: bytes = b"",
        rf64_above_bytes: int = _LARGEST_RIFF_BYTES,
    ) -> None:
        self.path = Path(path)
        self.sample_rate = _whole_rate(sample_rate)
        self.channels = channels
        self.bits: WavBits = bits
        self.frames = 0
        if channels not in (1, 2):
            raise AudioShapeError(f"{path}: expected 1 or 2 channels, got {channels}")
        if bits not in (16, 24, "32f"):
            raise AudioError(f"{path}: expected bits 16, 24 or '32f', got {bits!r}")
        self._bytes_per_sample = 4 if bits == "32f" else bits // 8
        self._dither = (
            None if bits == "32f" else dither_of(dither, bits, channels, self.sample_rate, seed=dither_seed)
        )
        self.head_chunks = head_chunks
        self._rf64_above_bytes = min(rf64_above_bytes, _LARGEST_RIFF_BYTES)
        self._file = AtomicFile(path, force=force)

    @property
    def clipped_samples(self) -> int:
        """How many samples were past full scale and held there (16 and 24 bits)."""
        return 0 if self._dither is None else self._dither.clipped_samples

    def __enter__(self) -> Self:
        self._file.__enter__()
        try:
            with readable_errors(self.path):
                self._file.stream.write(self._header())
        except BaseException as error:
            self._file.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def write(self, samples: Samples) -> None:
        """Append samples (channels, frames)."""
        block = check_samples(samples)
        if block.shape[0] != self.channels:
            raise AudioShapeError(f"{self.path}: expected {self.channels} channels, got shape {block.shape}")
        check_finite(block, str(self.path), first_frame=self.frames)
        with readable_errors(self.path):
            self._file.stream.write(self._encode(block))
        self.frames += block.shape[1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            try:
                with readable_errors(self.path):
                    self._complete_header()
            except BaseException as failure:
                self._file.__exit__(type(failure), failure, failure.__traceback__)
                raise
        self._file.__exit__(kind, error, trace)

    def _encode(self, block: Samples) -> bytes:
        if self._dither is None:
            return block.T.astype("<f4").tobytes()
        return _core.packed_codes(self._dither.quantise(block), self._bytes_per_sample)

    @property
    def _data_bytes(self) -> int:
        return self.frames * self.channels * self._bytes_per_sample

    def _header(self) -> bytes:
        """The chunks up to the first sample, for the frames so far; JUNK keeps room for RF64's ds64."""
        frame_bytes = self.channels * self._bytes_per_sample
        tag = _FLOAT if self._dither is None else _PCM
        form = struct.pack(
            "<HHIIHH",
            tag,
            self.channels,
            self.sample_rate,
            self.sample_rate * frame_bytes,
            frame_bytes,
            8 * self._bytes_per_sample,
        )
        chunks = [self.head_chunks, riff_chunk(b"fmt ", form if tag == _PCM else form + b"\0\0")]
        if tag == _FLOAT:
            chunks.append(riff_chunk(b"fact", struct.pack("<I", min(self.frames, _UNKNOWN_32))))
        middle = b"".join(chunks)
        padded = self._data_bytes + self._data_bytes % 2
        riff_bytes = 4 + 8 + _DS64_BODY_BYTES + len(middle) + 8 + padded
        if riff_bytes > self._rf64_above_bytes:
            ds64 = struct.pack("<QQQI", riff_bytes, self._data_bytes, self.frames, 0)
            head = b"RF64" + struct.pack("<I", _UNKNOWN_32) + b"WAVE" + riff_chunk(b"ds64", ds64)
            return head + middle + b"data" + struct.pack("<I", _UNKNOWN_32)
        head = (
            b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVE" + riff_chunk(b"JUNK", bytes(_DS64_BODY_BYTES))
        )
        return head + middle + b"data" + struct.pack("<I", self._data_bytes)

    def _complete_header(self) -> None:
        stream = self._file.stream
        if self._data_bytes % 2:
            stream.write(b"\0")  # chunks have an even length
        stream.seek(0)
        stream.write(self._header())


def write_wav(
    path: str | Path, audio: Audio, *, bits: WavBits = "32f", force: bool = False, dither_seed: int = 0
) -> Path:
    """Write whole audio as a WAV file; see ``WavWriter``."""
    writer = WavWriter(
        path, audio.sample_rate, audio.channels, bits=bits, force=force, dither_seed=dither_seed
    )
    with writer:
        writer.write(audio.samples)
    return writer.path


def _whole_rate(sample_rate: float) -> int:
    if check_sample_rate(sample_rate) != int(sample_rate):
        raise AudioError(f"sample rate {sample_rate!r} Hz: a WAV file needs a whole number")
    return int(sample_rate)
