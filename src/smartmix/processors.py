"""The native effects with a Python face after pedalboard's: plain units, (channels, frames) float32.

>>> eq = ParametricEQ()
>>> eq.band1.shape = "bell"
>>> eq.band1.gain_db = -2.5
>>> quieter = eq(audio, 48_000)  # doctest: +SKIP
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import AudioError, SmartmixError
from smartmix.parameter import AutomationLane, Breakpoint, ParameterInfo

Value = float | int | str | bool
Lane = AutomationLane | Sequence[Breakpoint] | Sequence[tuple[float, float]]

_Column = NDArray[Any]
_EMPTY: _Column = np.zeros(0, dtype=np.int32)


class _Events:
    """Parameter movements of a whole call, sorted by frame, as the columns the native side reads."""

    def __init__(self, rows: list[tuple[int, int, float, int]]) -> None:
        rows.sort(key=lambda row: row[0])
        self.frames = np.array([row[0] for row in rows], dtype=np.int64)
        self.params = np.array([row[1] for row in rows], dtype=np.int32)
        self.values = np.array([row[2] for row in rows], dtype=np.float64)
        self.ramps = np.array([row[3] for row in rows], dtype=np.int32)

    def between(self, first: int, end: int) -> tuple[_Column, _Column, _Column, _Column]:
        """Columns of the events of frames first..end-1, counted from `first`."""
        if not len(self.frames):
            return _EMPTY, _EMPTY, _EMPTY, _EMPTY
        cut = slice(*np.searchsorted(self.frames, (first, end)))
        return (
            (self.frames[cut] - first).astype(np.int32),
            self.params[cut],
            self.values[cut],
            self.ramps[cut],
        )


class _Group:
    """The parameters of one band: ``eq.band1.gain_db`` is parameter ``band1.gain_db`` of ``eq``."""

    __slots__ = ("_owner", "_prefix")

    def __init__(self, owner: Processor, prefix: str) -> None:
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_prefix", prefix)

    def __getattr__(self, name: str) -> Any:
        return self._owner._get_attribute(f"{self._prefix}.{name}")

    def __setattr__(self, name: str, value: Value) -> None:
        self._owner._set_attribute(f"{self._prefix}.{name}", value)

    def __repr__(self) -> str:
        names = [i.id for i in self._owner.parameters if i.id.startswith(self._prefix + ".")]
        settings = (f"{n.removeprefix(self._prefix + '.')}={self._owner.get(n)!r}" for n in names)
        return f"<{self._prefix} {' '.join(settings)}>"


class Processor:
    """A native effect. Its parameters are attributes in plain units; out of range is refused, naming it.

    An object keeps audio memory between calls with ``reset=False``; use one object per stream and thread.
    """

    native_name: ClassVar[str] = ""
    """Name in the native registry."""

    _native: _core.Processor
    _infos: dict[str, ParameterInfo]
    _prepared: tuple[float, int, int] | None

    def __init__(self, **settings: Value) -> None:
        core = _core.Processor(self.native_name)
        infos = tuple(_info(raw) for raw in core.parameters())
        object.__setattr__(self, "_native", core)
        object.__setattr__(self, "_infos", {info.id: info for info in infos})
        object.__setattr__(self, "_prepared", None)
        for name, value in settings.items():
            self._set_attribute(name, value)

    @property
    def parameters(self) -> tuple[ParameterInfo, ...]:
        """Every parameter with its unit, range and default."""
        return tuple(self._infos.values())

    def get(self, parameter_id: str) -> Value:
        """Value of a parameter in its plain unit; a choice by its name (a number where the name is one)."""
        return _to_person(self._info(parameter_id), self._native.get(parameter_id))

    def set(self, parameter_id: str, value: Value) -> None:
        """Set a parameter at once, without a ramp; out of range is a SmartmixError naming the range."""
        self._native.set(parameter_id, _to_native(self._info(parameter_id), value, self.native_name))

    def settings(self) -> dict[str, Value]:
        """Every parameter that is not at its default, by id."""
        return {i.id: self.get(i.id) for i in self.parameters if self._native.get(i.id) != i.default}

    def response_db(self, hz: ArrayLike) -> NDArray[np.float64]:
        """Magnitude in dB of the present settings at each frequency; at the rate last used (or 48 kHz)."""
        return self._native.response_db(hz)

    @property
    def latency_frames(self) -> int:
        """By how many frames the raw output lags; one-shot calls take it out."""
        return self._native.latency_frames

    def _info(self, parameter_id: str) -> ParameterInfo:
        infos: dict[str, ParameterInfo] = self._infos
        if parameter_id not in infos:
            raise SmartmixError(
                f"{self.native_name}: no parameter {parameter_id!r}; there are: {_ids(infos)}"
            )
        return infos[parameter_id]

    def _get_attribute(self, name: str) -> Any:
        if name in self._infos:
            return self.get(name)
        if any(known.startswith(name + ".") for known in self._infos):
            return _Group(self, name)
        raise AttributeError(
            f"{type(self).__name__} has no parameter {name!r}; there are: {_ids(self._infos)}"
        )

    def _set_attribute(self, name: str, value: Value) -> None:
        if name not in self._infos:
            raise AttributeError(
                f"{type(self).__name__} has no parameter {name!r}; there are: {_ids(self._infos)}"
            )
        self.set(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._get_attribute(name)

    def __setattr__(self, name: str, value: Value) -> None:
        self._set_attribute(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(i.id.split(".")[0] for i in self.parameters)})

    def __repr__(self) -> str:
        shown = (
            self.settings() if len(self.parameters) > 12 else {i.id: self.get(i.id) for i in self.parameters}
        )
        return f"<{type(self).__name__} {' '.join(f'{k}={v!r}' for k, v in shown.items())}>".replace(
            " >", ">"
        )

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
        """Run the effect over ``audio`` (channels, frames), full scale 1.0, into a new array of its shape.

        ``sample_rate`` in Hz. The audio is passed on in pieces of ``buffer_size`` frames, which changes no
        bit of the result. With ``reset`` (one-shot) the effect starts from silence and its latency is taken
        out, so the output lines up with the input; without, it goes on where the last call ended, latency
        left in. ``automation`` moves parameters: id -> lane, breakpoints or (seconds, value) pairs, in
        seconds from the start of this call, straight in the parameter's scale; the parameter stays where
        the lane ended. ``side_chain`` (any channels, the frames of ``audio``) is what a compressor, gate or
        de-esser listens to instead of the audio itself, such as the kick that a bass makes room for.
        Non-finite samples are taken as silence. Raises AudioShapeError, AudioError or SmartmixError.
        """
        samples = check_samples(audio)
        if buffer_size < 1:
            raise AudioError(f"buffer_size {buffer_size}: expected at least 1 frame")
        heard = None if side_chain is None else _check_side_chain(side_chain, samples.shape[1])
        heard_channels = 0 if heard is None else heard.shape[0]
        self._prepare((check_sample_rate(sample_rate), samples.shape[0], heard_channels), reset=reset)
        latency = self.latency_frames if reset else 0
        if latency:
            samples = np.pad(samples, ((0, 0), (0, latency)))
            heard = None if heard is None else np.pad(heard, ((0, 0), (0, latency)))
        events = self._events(automation or {}, sample_rate, samples.shape[1])
        pieces = list(self._pieces(samples, heard, buffer_size, events))
        out = np.concatenate(pieces, axis=1) if pieces else samples.copy()
        return np.ascontiguousarray(out[:, latency:])

    __call__ = process

    def _pieces(
        self, samples: Samples, heard: Samples | None, buffer_size: int, events: _Events
    ) -> Iterator[Samples]:
        for first in range(0, samples.shape[1], buffer_size):
            end = min(first + buffer_size, samples.shape[1])
            block = np.ascontiguousarray(samples[:, first:end])
            key = None if heard is None else np.ascontiguousarray(heard[:, first:end])
            yield self._native.process(block, *events.between(first, end), side_chain=key)

    def _prepare(self, wanted: tuple[float, int, int], *, reset: bool) -> None:
        """``wanted`` is the sample rate, the channels, and those of the side chain (0 without one)."""
        if not reset and self._prepared is not None:
            if self._prepared == wanted:
                return
            raise AudioError(
                f"reset=False goes on with {_format_text(self._prepared)}, got {_format_text(wanted)}. "
                "Pass reset=True to begin anew."
            )
        try:  # prepare and not only reset: a look-ahead that was set since counts from here
            self._native.prepare(*wanted)
        except ValueError as error:
            raise AudioError(f"{self.native_name}: {error}") from None
        object.__setattr__(self, "_prepared", wanted)

    def _events(self, automation: Mapping[str, Lane], sample_rate: float, frames: int) -> _Events:
        rows: list[tuple[int, int, float, int]] = []
        for parameter_id in sorted(automation):
            info = self._info(parameter_id)
            index = self._native.parameter_index(parameter_id)
            steps = info.scale in ("toggle", "choice")
            points = [
                (
                    round(p.time_s * sample_rate),
                    _to_native(info, p.value, self.native_name),
                    steps or p.curve == "hold",
                )
                for p in _points(parameter_id, automation[parameter_id])
            ]
            rows += [(at, index, value, ramp) for at, value, ramp in _movements(points) if at < frames]
        return _Events(rows)


class Gain(Processor):
    """A level change: ``gain_db`` from -120 (silence) to +24 dB. 0 dB leaves every bit alone."""

    native_name = "gain"

    def __init__(self, gain_db: float = 0.0) -> None:
        super().__init__(gain_db=gain_db)


class Pan(Processor):
    """Balance of a stereo pair: ``pan`` -1 (left) to +1 (right), constant power, 0 dB in the centre."""

    native_name = "pan"

    def __init__(self, pan: float = 0.0) -> None:
        super().__init__(pan=pan)


class ParametricEQ(Processor):
    """24 bands ``band1`` ... ``band24`` with ``shape``, ``freq_hz``, ``gain_db``, ``q`` and ``slope_db_oct``.

    Shapes: off, bell, low_shelf, high_shelf, high_pass, low_pass, notch. ``slope_db_oct`` counts for the
    passes, ``q`` for everything but passes of another slope than 12 dB/oct (those are Butterworth). Cuts
    mirror boosts.
    """

    native_name = "parametric_eq"


class _Dynamics(Processor):
    """What processors that turn audio down have in common: they say how much, in dB.

    They listen to the audio itself, or to the ``side_chain`` given to ``process``.
    """

    @property
    def gain_reduction_db(self) -> float:
        """Reduction at the last frame processed, dB >= 0; of the processed part, before a parallel mix."""
        return self._native.reduction_db[0]

    @property
    def max_reduction_db(self) -> float:
        """The deepest reduction since the last reset, dB >= 0."""
        return self._native.reduction_db[1]

    @property
    def mean_reduction_db(self) -> float:
        """Mean reduction since the last reset over the frames with more than 0.1 dB of it; 0 without any."""
        return self._native.reduction_db[2]


class Compressor(_Dynamics):
    """Turns down what passes ``threshold_db``, all channels together, at ``ratio`` to one with a soft knee.

    ``attack_ms`` and ``release_ms`` are times to 63.2 %; with ``auto_times`` the longest ones, shorter for
    material with a higher crest factor. ``detection`` is peak or rms (10 ms). ``lookahead_ms`` acts before
    the peak and is the latency; it counts from the next one-shot call. ``makeup_db`` lifts the compressed
    part, ``mix`` 0..1 blends it with the input. Ratio 1 (the default) leaves every bit alone.
    """

    native_name = "compressor"


class DeEsser(_Dynamics):
    """Turns a high band down while it is loud: a bell or high shelf at ``freq_hz`` keyed by that band.

    The band has to pass ``threshold_db`` and to stand ``relative_db`` over what lies an octave and more
    below it; then it goes down by ``ratio``, at most by ``range_db``, within ``attack_ms`` and back within
    ``release_ms``. ``q`` is the width of the bell. Range 0 (the default) leaves every bit alone.
    """

    native_name = "de_esser"


class Gate(_Dynamics):
    """Turns down what stays under ``threshold_db``, all channels together, by at most ``range_db``.

    ``ratio`` makes it an expander (2) or a gate (10 and more). It opens at the threshold within
    ``attack_ms`` and closes, within ``release_ms``, when nothing has reached the threshold less
    ``hysteresis_db`` for ``hold_ms``. ``lookahead_ms`` opens before the sound and is the latency; it counts
    from the next one-shot call. Range 0 (the default) leaves every bit alone.
    """

    native_name = "gate"


class TruePeakLimiter(Processor):
    """A limiter whose ceiling holds between the samples too; parameters as in the native registry."""

    native_name = "true_peak_limiter"


FACES: dict[str, type[Processor]] = {
    face.native_name: face for face in (Compressor, DeEsser, Gain, Gate, Pan, ParametricEQ, TruePeakLimiter)
}
"""Python class of each native processor that has one of its own."""


def create(native_name: str, **settings: Value) -> Processor:
    """A processor by its registry name, such as ``"parametric_eq"``."""
    if native_name not in _core.processor_names():
        raise SmartmixError(f"no processor {native_name!r}; there are: {', '.join(_core.processor_names())}")
    face = FACES.get(native_name)
    if face is None:
        face = type(native_name, (Processor,), {"native_name": native_name})
    made: Processor = face(**settings)
    return made


def load_preset(path: Path) -> Processor:
    """The processor a preset file (TOML) describes; absent keys are defaults.

    An unknown key or a value out of range is a SmartmixError naming file, key, value and range.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SmartmixError(f"{path}: cannot be read as a preset: {error}") from None
    if tables.pop("format", None) != 1:
        raise SmartmixError(f"{path}: expected format = 1")
    tables.pop("name", None)
    try:
        processor = create(str(tables.pop("device", "")))
        for key, value in _flat(tables):
            processor.set(key, value)
    except SmartmixError as error:
        raise SmartmixError(f"{path}: {error}") from None
    return processor


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _check_side_chain(side_chain: NDArray[np.floating], frames: int) -> Samples:
    heard = check_samples(side_chain)
    if heard.shape[1] != frames:
        raise AudioError(
            f"side_chain has {heard.shape[1]} frames, the audio {frames}: both must be of one length"
        )
    return heard


def _format_text(prepared: tuple[float, int, int]) -> str:
    sample_rate, channels, heard = prepared
    side_chain = f" and a side chain of {heard}" if heard else ""
    return f"{channels} channels{side_chain} at {sample_rate:g} Hz"


def _info(raw: _core.ParameterInfo) -> ParameterInfo:
    return ParameterInfo(
        raw.id, raw.name, raw.unit, raw.low, raw.high, raw.default, raw.scale, tuple(raw.choices)
    )


def _ids(infos: Mapping[str, ParameterInfo]) -> str:
    """The ids in short: band1.gain_db ... band24.gain_db become band1..24.gain_db."""
    runs: dict[tuple[str, str], list[int]] = {}
    for known in infos:
        match = re.fullmatch(r"([a-z_]+)(\d+)\.(\w+)", known)
        runs.setdefault((match[1], match[3]) if match else (known, ""), []).append(
            int(match[2]) if match else 0
        )
    return ", ".join(
        f"{name}{numbers[0]}..{numbers[-1]}.{rest}" if rest else name
        for (name, rest), numbers in runs.items()
    )


def _to_person(info: ParameterInfo, value: float) -> Value:
    if info.scale == "choice":
        choice = info.choices[int(value)]
        return int(choice) if choice.isdigit() else choice
    return bool(value) if info.scale == "toggle" else value


def _to_native(info: ParameterInfo, value: Value, owner: str) -> float:
    if info.scale == "choice":
        if str(value) not in info.choices:
            raise SmartmixError(f"{owner}.{info.id} = {value!r}: expected one of {', '.join(info.choices)}")
        return float(info.choices.index(str(value)))
    if isinstance(value, str) or (isinstance(value, bool) and info.scale != "toggle"):
        raise SmartmixError(
            f"{owner}.{info.id} = {value!r}: expected a number in {info.unit or 'plain units'}"
        )
    if not info.low <= value <= info.high:
        unit = f" {info.unit}" if info.unit else ""
        raise SmartmixError(f"{owner}.{info.id} = {value:g}: expected {info.low:g} to {info.high:g}{unit}")
    return float(value)


def _points(parameter_id: str, lane: Lane) -> list[Breakpoint]:
    raw = lane.points if isinstance(lane, AutomationLane) else lane
    points = [p if isinstance(p, Breakpoint) else Breakpoint(float(p[0]), p[1]) for p in raw]
    times = [p.time_s for p in points]
    if not points or not np.all(np.isfinite(times)) or times[0] < 0 or times != sorted(times):
        raise SmartmixError(
            f"automation of {parameter_id}: expected points in rising time from 0 s, got {times}"
        )
    return points


def _movements(points: list[tuple[int, float, bool]]) -> Iterator[tuple[int, float, int]]:
    """(frame, value, ramp frames) of points (frame, value, hold); hold steps at the next point."""
    yield 0, points[0][1], 0
    for (at, _, hold), (then, value, _) in pairwise(points):
        if hold or then == at:
            yield then, value, 0
        else:
            yield at, value, then - at


__all__ = [
    "FACES",
    "Compressor",
    "DeEsser",
    "Gain",
    "Gate",
    "Pan",
    "ParametricEQ",
    "Processor",
    "TruePeakLimiter",
    "create",
    "load_preset",
]
