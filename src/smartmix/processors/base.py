"""A native effect with a Python face after pedalboard's: plain units, (channels, frames) float32."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import AudioError, SmartmixError
from smartmix.parameter import CurveInfo, ParameterInfo
from smartmix.processors.events import Events, Lane, movements, points_of
from smartmix.processors.values import Value, id_list, read_info, to_native, to_person

_FLOAT32 = np.dtype(np.float32)


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
        infos = tuple(read_info(raw) for raw in core.parameters())
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
        return to_person(self._info(parameter_id), self._native.get(parameter_id))

    def set(self, parameter_id: str, value: Value) -> None:
        """Set a parameter at once, without a ramp; out of range is a SmartmixError naming the range."""
        self._native.set(parameter_id, to_native(self._info(parameter_id), value, self.native_name))

    def settings(self) -> dict[str, Value]:
        """Every parameter that is not at its default, by id."""
        return {i.id: self.get(i.id) for i in self.parameters if self._native.get(i.id) != i.default}

    def curves(self) -> tuple[CurveInfo, ...]:
        """The rows of numbers this effect keeps beside its parameters (a noise profile, a spectrum); often none."""
        return tuple(
            CurveInfo(c.id, c.name, c.unit, c.length, c.low, c.high, c.default, c.writable)
            for c in self._native.curves()
        )

    def read_curve(self, curve_id: str) -> NDArray[np.float32]:
        """The curve as it is: what was written last, or what the effect has learned or found since.

        Unlike everything else this may be called while another thread processes; neither waits.
        """
        self._curve(curve_id)
        return self._native.read_curve(curve_id)

    def write_curve(self, curve_id: str, values: ArrayLike) -> None:
        """Set a whole curve, in its unit; in force from the first frame of the next ``process`` on.

        May be called while another thread processes; neither waits. A SmartmixError names what is wrong with the
        length, a number out of range, or a curve that can only be read.
        """
        info = self._curve(curve_id)
        try:
            row = np.asarray(values, dtype=np.float32)
        except (TypeError, ValueError):
            raise SmartmixError(f"{self.native_name}.{curve_id}: expected {info.length} numbers") from None
        try:
            self._native.write_curve(curve_id, row)
        except ValueError as error:
            raise SmartmixError(str(error)) from None

    def response_db(self, hz: ArrayLike) -> NDArray[np.float64]:
        """Magnitude in dB of the present settings at each frequency; at the rate last used (or 48 kHz)."""
        return self._native.response_db(hz)

    @property
    def latency_frames(self) -> int:
        """By how many frames the raw output lags; one-shot calls take it out."""
        return self._native.latency_frames

    @property
    def tail_frames(self) -> int:
        """How long full scale is heard after it has stopped, to -120 dB (reverb and delay: -90), at the rate last used.

        A call gives back as many frames as it got: append this much silence to hear the end.
        """
        return self._native.tail_frames

    def _info(self, parameter_id: str) -> ParameterInfo:
        infos: dict[str, ParameterInfo] = self._infos
        if parameter_id not in infos:
            raise SmartmixError(
                f"{self.native_name}: no parameter {parameter_id!r}; there are: {id_list(infos)}"
            )
        return infos[parameter_id]

    def _curve(self, curve_id: str) -> CurveInfo:
        found = {info.id: info for info in self.curves()}
        if curve_id not in found:
            there = f"there are: {', '.join(found)}" if found else "it has none"
            raise SmartmixError(f"{self.native_name}: no curve {curve_id!r}; {there}")
        return found[curve_id]

    def _get_attribute(self, name: str) -> Any:
        if name in self._infos:
            return self.get(name)
        if any(known.startswith(name + ".") for known in self._infos):
            return _Group(self, name)
        raise AttributeError(
            f"{type(self).__name__} has no parameter {name!r}; there are: {id_list(self._infos)}"
        )

    def _set_attribute(self, name: str, value: Value) -> None:
        if name not in self._infos:
            raise AttributeError(
                f"{type(self).__name__} has no parameter {name!r}; there are: {id_list(self._infos)}"
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
        if buffer_size < 1:
            raise AudioError(f"buffer_size {buffer_size}: expected at least 1 frame")
        if not reset and automation is None and side_chain is None and self._goes_on(audio, sample_rate):
            return self._native.process(audio)
        samples = check_samples(audio)
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

    def _goes_on(self, audio: NDArray[np.floating], sample_rate: float) -> TypeGuard[Samples]:
        """Whether the block is as the native side takes it: a short one must not cost more than its sound does."""
        return (
            type(audio) is np.ndarray
            and audio.ndim == 2
            and audio.dtype is _FLOAT32
            and audio.flags.c_contiguous
            and self._prepared == (sample_rate, audio.shape[0], 0)
        )

    def _pieces(
        self, samples: Samples, heard: Samples | None, buffer_size: int, events: Events
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

    def _events(self, automation: Mapping[str, Lane], sample_rate: float, frames: int) -> Events:
        rows: list[tuple[int, int, float, int]] = []
        for parameter_id in sorted(automation):
            info = self._info(parameter_id)
            index = self._native.parameter_index(parameter_id)
            steps = info.scale in ("toggle", "choice")
            points = [
                (
                    round(p.time_s * sample_rate),
                    to_native(info, p.value, self.native_name),
                    steps or p.curve == "hold",
                )
                for p in points_of(parameter_id, automation[parameter_id])
            ]
            rows += [(at, index, value, ramp) for at, value, ramp in movements(points) if at < frames]
        return Events(rows)


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
