"""Where live sound comes from and goes to: an audio interface, or files in its place."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from smartmix.audio import io
from smartmix.audio.buffer import Samples
from smartmix.audio.wav import WavWriter
from smartmix.errors import PluginError


class Port(Protocol):
    """Sound in and out, block by block."""

    sample_rate: int
    channels: int
    xruns: int
    """How often sound was lost because nobody took it in time."""

    def read(self, frames: int) -> Samples | None:
        """The next block (channels, frames), waiting for it; None when there is no more."""
        ...

    def write(self, samples: Samples) -> None:
        """Play a block."""
        ...

    def close(self, *, complete: bool = True) -> None:
        """Let go; a recording is kept whole."""
        ...


class FilePort:
    """Files in place of an interface: ``source`` is read, ``target`` written (32-bit float; None: nowhere).

    ``paced`` keeps to the clock as an interface does, and counts an xrun each time a block comes late; without, it runs
    as fast as it can. A source of more than two channels is an error.
    """

    def __init__(
        self, source: str | Path, target: str | Path | None = None, *, paced: bool = True, force: bool = False
    ) -> None:
        info = io.probe(source)
        if info.channels > 2:
            raise PluginError(f"{source}: {info.channels} channels; live runs on 1 or 2")
        self.sample_rate, self.channels, self.xruns = info.sample_rate, info.channels, 0
        self._source = Path(source)
        self._blocks: Iterator[Samples] | None = None
        self._paced = paced
        self._began: float | None = None
        self._read = 0
        self._stack = contextlib.ExitStack()
        self._writer: WavWriter | None = None
        if target is not None:
            if Path(target).exists() and Path(target).samefile(source):
                raise PluginError(f"{target}: is the input; inputs are never touched")
            writer = WavWriter(target, self.sample_rate, self.channels, bits="32f", force=force)
            self._writer = self._stack.enter_context(writer)

    def read(self, frames: int) -> Samples | None:
        """The next block; the last one is filled up with silence."""
        if self._blocks is None:
            self._blocks = io.stream(self._source, block_frames=frames)
        block = next(self._blocks, None)
        if block is None:
            return None
        self._wait(frames)
        short = frames - block.shape[1]
        return np.pad(block, ((0, 0), (0, short))) if short else block

    def _wait(self, frames: int) -> None:
        """Until the block would have been recorded; one that is asked for a whole block too late was lost."""
        now = time.perf_counter()
        self._read += frames
        if not self._paced:
            return
        if self._began is None:
            self._began = now
        due = self._began + self._read / self.sample_rate
        if now < due:
            time.sleep(due - now)
        elif now > due + frames / self.sample_rate:
            self.xruns += 1
            self._began += now - due  # as an interface goes on from where it is

    def write(self, samples: Samples) -> None:
        """Append to the target."""
        if self._writer is not None:
            self._writer.write(samples)

    def close(self, *, complete: bool = True) -> None:
        """End the target: a whole file, or none."""
        if complete:
            self._stack.close()
        else:
            self._stack.__exit__(PluginError, PluginError("live run failed"), None)


class InterfacePort:
    """An audio interface, by pedalboard's AudioStream. ``None`` is the system's default device.

    PluginError saying which devices there are.
    """

    def __init__(
        self,
        input_name: str | None = None,
        output_name: str | None = None,
        *,
        sample_rate: int = 48_000,
        channels: int = 2,
        block_frames: int = 256,
    ) -> None:
        stream = _audio_stream()
        given = input_name or stream.default_input_device_name
        played = output_name or stream.default_output_device_name
        if not given or not played:
            raise PluginError(f"no audio interface to use; {devices_text()}")
        try:
            self._stream = stream(
                input_device_name=given,
                output_device_name=played,
                buffer_size=block_frames,
                sample_rate=sample_rate,
                num_input_channels=channels,
                num_output_channels=channels,
            )
            self._stream.ignore_dropped_input = True
            self._stream.__enter__()
        except (RuntimeError, ValueError, TypeError) as error:
            raise PluginError(f"{given} to {played}: {error}; {devices_text()}") from None
        self.sample_rate, self.channels, self.xruns = int(self._stream.sample_rate), channels, 0

    def read(self, frames: int) -> Samples | None:
        """The next block, when it has been recorded."""
        block = np.ascontiguousarray(self._stream.read(frames), np.float32)
        if self._stream.dropped_input_frame_count:
            self.xruns += 1
        return block

    def write(self, samples: Samples) -> None:
        """Play a block."""
        self._stream.write(samples, self.sample_rate)

    def close(self, *, complete: bool = True) -> None:
        """Let the interface go."""
        self._stream.__exit__(None, None, None)


def _audio_stream() -> Any:
    from pedalboard.io import AudioStream

    return AudioStream


def devices_text() -> str:
    """The interfaces there are, in words."""
    stream = _audio_stream()
    inputs, outputs = list(stream.input_device_names), list(stream.output_device_names)
    if not inputs and not outputs:
        return "the system names no audio device (a file can stand in: --input song.wav)"
    return f"inputs: {', '.join(inputs) or 'none'}; outputs: {', '.join(outputs) or 'none'}"
