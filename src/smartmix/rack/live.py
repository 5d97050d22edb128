"""A chain on live sound: blocks in, blocks out, what is late counted, what a person wants to see measured."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from smartmix import _core
from smartmix.audio.buffer import Samples
from smartmix.rack.chain import Chain, LiveStream
from smartmix.rack.ports import Port

SHOWN_EVERY_S = 0.1
_MOMENTARY_FRAMES = 40
"""Of 10 ms each."""
_SILENCE_DB = -120.0


@dataclass(frozen=True, slots=True)
class LiveMeters:
    """What live sound is like just now: sample peaks since the last look, momentary loudness, how busy it is.

    ``load`` is the time the chain took of the time there was (the largest since the last look), ``meters`` what the
    plugins show ("comp.gain_reduction_db").
    """

    time_s: float
    input_peak_dbfs: float
    output_peak_dbfs: float
    momentary_lufs: float
    load: float
    xruns: int
    meters: dict[str, float]


@dataclass(frozen=True, slots=True)
class LiveReport:
    """How a live run went. Times are those of the chain per block, in ms."""

    blocks: int
    block_frames: int
    sample_rate: int
    latency_frames: int
    xruns: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    incidents: tuple[str, ...] = ()

    @property
    def latency_ms(self) -> float:
        """Of the chain and one block, without the interface."""
        return 1000.0 * (self.latency_frames + self.block_frames) / self.sample_rate


@dataclass(slots=True)
class _Watch:
    """Times and peaks as they come."""

    sample_rate: int
    channels: int
    times: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=lambda: [0.0, 0.0])
    load: float = 0.0
    shown: float = -math.inf
    meter: _core.LoudnessMeter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = _core.LoudnessMeter(float(self.sample_rate), self.channels, False)

    def note(self, given: Samples, made: Samples, took_s: float) -> None:
        """One block."""
        self.times.append(took_s)
        self.load = max(self.load, took_s * self.sample_rate / given.shape[1])
        for k, samples in enumerate((given, made)):
            self.peaks[k] = max(self.peaks[k], float(np.abs(samples).max(initial=0.0)))
        self.meter.process(np.ascontiguousarray(made))

    def look(self, at_s: float, xruns: int, chain: Chain) -> LiveMeters:
        """What there is to see, and begin anew."""
        given, made = (_db(peak) for peak in self.peaks)
        shown = LiveMeters(at_s, given, made, self._momentary(), self.load, xruns, plugin_meters(chain))
        self.peaks, self.load, self.shown = [0.0, 0.0], 0.0, at_s
        return shown

    def _momentary(self) -> float:
        energies = self.meter.energies_10ms()[-_MOMENTARY_FRAMES:]
        mean = float(energies.mean()) if len(energies) == _MOMENTARY_FRAMES else 0.0
        return -0.691 + 10.0 * math.log10(mean) if mean > 0.0 else _SILENCE_DB


def run_live(
    chain: Chain,
    port: Port,
    *,
    block_frames: int = 256,
    seconds: float = math.inf,
    show: Callable[[LiveMeters], None] | None = None,
) -> LiveReport:
    """Run live sound through a chain until the port has no more, ``seconds`` are over or Ctrl-C is pressed.

    The chain is ``go_live``; ``show`` is called ten times a second. Every block gives one as long, the chain's
    ``live_latency_frames`` late. Errors: PluginError for a block length or channels the chain does not take.
    """
    stream = chain.go_live(port.sample_rate, port.channels, block_frames)
    watch = _Watch(port.sample_rate, port.channels)
    blocks = 0
    try:
        while blocks * block_frames < seconds * port.sample_rate:
            given = port.read(block_frames)
            if given is None:
                break
            made = _timed(stream, given, watch)
            port.write(made)
            blocks += 1
            at_s = blocks * block_frames / port.sample_rate
            if show is not None and at_s - watch.shown >= SHOWN_EVERY_S:
                show(watch.look(at_s, port.xruns, chain))
    except KeyboardInterrupt:
        pass  # this is how a person ends it
    times = 1000.0 * np.array(watch.times or [0.0])
    return LiveReport(
        blocks,
        block_frames,
        port.sample_rate,
        stream.latency_frames,
        port.xruns,
        float(np.median(times)),
        float(np.percentile(times, 99)),
        float(times.max()),
        chain.incident_texts(),
    )


def _timed(stream: LiveStream, given: Samples, watch: _Watch) -> Samples:
    began = time.perf_counter()
    made = stream.process(given)
    watch.note(given, made, time.perf_counter() - began)
    return made


def plugin_meters(chain: Chain) -> dict[str, float]:
    """What the plugins of a chain show, by "member.meter"."""
    return {
        f"{id_}.{name}": float(value)
        for id_, device in chain.leaves()
        for name, value in getattr(device, "meters", {}).items()
    }


def _db(peak: float) -> float:
    return 20.0 * math.log10(peak) if peak > 1e-6 else _SILENCE_DB
