"""pedalboard's own effects as devices: automated, streamed without splices, their latency known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix import _automation
from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import PluginError
from smartmix.parameter import ParameterInfo, Scale
from smartmix.processors.events import Lane
from smartmix.processors.values import Value
from smartmix.rack.device import ForeignDevice
from smartmix.rack.timeline import BLOCK_FRAMES

_Row = tuple[str, str, float, float, Scale]
_FREQUENCY: _Row = ("cutoff_frequency_hz", "Hz", 20.0, 20_000.0, "log")
_GAIN: _Row = ("gain_db", "dB", -60.0, 24.0, "db")
_Q: _Row = ("q", "", 0.1, 30.0, "log")
_SHARE = ("", 0.0, 1.0, "linear")
_MIX: _Row = ("mix", "", 0.0, 1.0, "linear")
_RATE: _Row = ("rate_hz", "Hz", 0.01, 20.0, "log")

PARAMETERS: dict[str, tuple[_Row, ...]] = {
    "Bitcrush": (("bit_depth", "bit", 1.0, 32.0, "linear"),),
    "BrickwallLimiter": (
        ("ceiling_db", "dB", -60.0, 0.0, "db"),
        ("release_ms", "ms", 1.0, 2000.0, "log"),
    ),
    "Chorus": (
        _RATE,
        ("depth", "", 0.0, 1.0, "linear"),
        ("centre_delay_ms", "ms", 1.0, 99.0, "linear"),
        ("feedback", "", -0.95, 0.95, "linear"),
        _MIX,
    ),
    "Clipping": (("threshold_db", "dB", -60.0, 0.0, "db"),),
    "Compressor": (
        ("threshold_db", "dB", -60.0, 0.0, "db"),
        ("ratio", "", 1.0, 60.0, "log"),
        ("attack_ms", "ms", 0.05, 500.0, "log"),
        ("release_ms", "ms", 1.0, 5000.0, "log"),
    ),
    "Delay": (
        ("delay_seconds", "s", 0.0, 10.0, "linear"),
        ("feedback", "", 0.0, 0.99, "linear"),
        _MIX,
    ),
    "Distortion": (("drive_db", "dB", 0.0, 60.0, "db"),),
    "GSMFullRateCompressor": (),
    "Gain": (_GAIN,),
    "HighShelfFilter": (_FREQUENCY, _GAIN, _Q),
    "HighpassFilter": (_FREQUENCY,),
    "Invert": (),
    "LadderFilter": (
        ("cutoff_hz", "Hz", 20.0, 20_000.0, "log"),
        ("resonance", "", 0.0, 1.0, "linear"),
        ("drive", "", 1.0, 20.0, "linear"),
    ),
    "Limiter": (
        ("threshold_db", "dB", -60.0, 0.0, "db"),
        ("release_ms", "ms", 1.0, 2000.0, "log"),
    ),
    "LowShelfFilter": (_FREQUENCY, _GAIN, _Q),
    "LowpassFilter": (_FREQUENCY,),
    "MP3Compressor": (("vbr_quality", "", 0.0, 10.0, "linear"),),
    "NoiseGate": (
        ("threshold_db", "dB", -100.0, 0.0, "db"),
        ("ratio", "", 1.0, 100.0, "log"),
        ("attack_ms", "ms", 0.05, 500.0, "log"),
        ("release_ms", "ms", 1.0, 5000.0, "log"),
    ),
    "PeakFilter": (_FREQUENCY, _GAIN, _Q),
    "Phaser": (
        _RATE,
        ("depth", "", 0.0, 1.0, "linear"),
        ("centre_frequency_hz", "Hz", 20.0, 20_000.0, "log"),
        ("feedback", "", -0.95, 0.95, "linear"),
        _MIX,
    ),
    "PitchShift": (("semitones", "", -24.0, 24.0, "linear"),),
    "Resample": (("target_sample_rate", "Hz", 1000.0, 384_000.0, "log"),),
    "Reverb": tuple(
        (name, *_SHARE)  # type: ignore[misc]
        for name in ("room_size", "damping", "wet_level", "dry_level", "width", "freeze_mode")
    ),
}
"""Every effect of pedalboard that can be made without a file, with what can be moved. The ranges are those within which
the effect is of use (house): pedalboard tells none."""
NOT_AUTOMATABLE = {"MP3Compressor": ("vbr_quality",), "Resample": ("target_sample_rate",)}
"""Setting these starts the effect anew."""


WHOLE = ("GSMFullRateCompressor", "PitchShift")
"""These give other sound in blocks than at once, so they are run over the whole or not at all. (pedalboard 0.9.26: GSM
in blocks of 1024 frames correlates 0.16 with the original instead of 0.63, pitch shift is silent.)"""
LATEST_FRAMES = 1 << 17


class _Late:
    """A process whose answers are short at first, because pedalboard holds the latency back: as late as it really is,
    and as long as what it is given.
    """

    def __init__(self, process: Callable[..., Samples], waiting: Samples) -> None:
        self._process = process
        self._waiting = waiting

    def __call__(self, samples: Samples, *how: Any) -> Samples:
        made = self._process(samples, *how)
        line = np.concatenate([self._waiting, made], axis=1)
        frames = samples.shape[1]
        self._waiting = line[:, frames:]
        return np.ascontiguousarray(line[:, :frames])


class PedalboardDevice(ForeignDevice):
    """One of pedalboard's effects, by the name of its class; parameters are its own attributes.

    Each one-shot call begins with a new effect that has been fed 1024 frames of silence: pedalboard's effects take
    their longest block from the first call, and forget everything when a longer one comes.
    """

    kind = "pedalboard"

    def __init__(self, name: str, **settings: Value) -> None:
        super().__init__()
        if name not in PARAMETERS:
            raise PluginError(f"no pedalboard effect {name!r}; there are: {', '.join(PARAMETERS)}")
        self.name = name
        self._effect = self._new()
        self._process: Callable[..., Samples] = self._effect.process
        self._latency_frames = 0
        infos = []
        for id_, unit, low, high, scale in PARAMETERS[name]:
            default = min(max(float(getattr(self._effect, id_)), low), high)
            infos.append(
                ParameterInfo(id_, id_.replace("_", " ").capitalize(), unit, low, high, default, scale)
            )
            self._values[id_] = default
        self.parameters = tuple(infos)
        for id_, value in settings.items():
            self.set(id_, value)

    @property
    def automatable(self) -> tuple[str, ...]:
        """Ids of what a lane can move."""
        if self.name in WHOLE:
            return ()
        fixed = NOT_AUTOMATABLE.get(self.name, ())
        return tuple(i.id for i in self.parameters if i.id not in fixed)

    @property
    def latency_frames(self) -> int:
        """As the effect reports it, at the rate last used."""
        return self._latency_frames

    def process(
        self,
        audio: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        automation: Mapping[str, Lane] | None = None,
        side_chain: NDArray[np.floating] | None = None,
    ) -> Samples:
        """Run the effect; see ``Device.process``. Two effects do not stream and are not automated: PluginError."""
        if self.name not in WHOLE:
            return super().process(
                audio, sample_rate, buffer_size, reset, automation=automation, side_chain=side_chain
            )
        if not reset or automation or side_chain is not None:
            raise PluginError(f"{self.name} runs over a whole recording only: no streams, no automation")
        self._effect = self._new()
        for name, value in self._asked.items():
            setattr(self._effect, name, value)
        made: Samples = self._effect.process(check_samples(audio), check_sample_rate(sample_rate), reset=True)
        return made

    def _new(self) -> Any:
        import pedalboard

        return getattr(pedalboard, self.name)()

    def _begin(self, sample_rate: float, channels: int, side_chain_channels: int) -> None:
        if self.name in WHOLE:
            raise PluginError(f"{self.name} runs over a whole recording only: not in a stream or a chain")
        if side_chain_channels:
            raise PluginError(f"{self.name} has no side chain: pedalboard's effects take none")
        self._effect = self._new()
        for name, value in self._asked.items():
            setattr(self._effect, name, value)
        try:
            self._latency_frames = self._measure(self._new(), sample_rate, channels)
            self._process = self._primed(sample_rate, channels)
        except (RuntimeError, ValueError) as error:
            raise PluginError(f"{self.name}: {error}") from None

    def _primed(self, sample_rate: float, channels: int) -> Callable[..., Samples]:
        """The effect's process, after the silence that fixes its longest block; late by its latency."""
        silence = np.zeros((channels, BLOCK_FRAMES), np.float32)
        if self._latency_frames == 0:
            self._effect.process(silence, sample_rate, BLOCK_FRAMES, True)
            process: Callable[..., Samples] = self._effect.process
            return process
        self._effect.process(silence[:, :0], sample_rate, BLOCK_FRAMES, True)
        late = _Late(self._effect.process, np.zeros((channels, self._latency_frames), np.float32))
        late(silence, sample_rate, BLOCK_FRAMES, False)
        return late

    @staticmethod
    def _measure(effect: Any, sample_rate: float, channels: int) -> int:
        """The latency, which pedalboard does not tell of its own effects: by how much the first answers are short."""
        effect.process(np.zeros((channels, 0), np.float32), sample_rate, BLOCK_FRAMES, True)
        silence = np.zeros((channels, BLOCK_FRAMES), np.float32)
        late = 0
        while late <= LATEST_FRAMES:
            missing = BLOCK_FRAMES - int(effect.process(silence, sample_rate, BLOCK_FRAMES, False).shape[1])
            if missing == 0:
                return late
            late += missing
        raise PluginError(f"a latency of more than {LATEST_FRAMES} frames")

    def _run(
        self,
        audio: Samples,
        cuts: NDArray[np.int32],
        writes: list[tuple[int, str, float]],
        side_chain: Samples | None,
    ) -> Samples:
        return _automation.drive(
            self._process,
            self._effect,
            audio,
            cuts,
            np.array([block for block, _, _ in writes], np.int32),
            [name for _, name, _ in writes],
            np.array([value for _, _, value in writes], np.float64),
            self._spec[0] if self._spec else 0.0,
            BLOCK_FRAMES,
        )
