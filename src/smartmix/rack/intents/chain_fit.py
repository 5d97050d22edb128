"""A whole chain fitted to its intents on a track: device after device, each on what the ones before it give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis import extract
from smartmix.audio.buffer import Samples, check_samples
from smartmix.automation.lane import FrameLane
from smartmix.errors import PluginError, SmartmixError
from smartmix.processors import Compressor, ParametricEQ, TruePeakLimiter
from smartmix.rack.chain import Chain
from smartmix.rack.composite import BYPASSED, DRY_WET
from smartmix.rack.device import Device
from smartmix.rack.file_chain import FileChain, MissingDevice, all_entries
from smartmix.rack.intents.ceiling_fit import fit_ceiling
from smartmix.rack.intents.compression_fit import fit_compression
from smartmix.rack.intents.eq_fit import fit_eq
from smartmix.rack.intents.fit import Fit
from smartmix.rack.intents.intent import SELF, CeilingIntent, CompressionIntent, EQIntent, Intent
from smartmix.rack.intents.moves import MovingBand, fit_moves
from smartmix.rack.native import NativeDevice

COMES_S, GOES_S = 0.1, 0.25
"""How long an intent that holds while something sounds takes to come in, before it sounds, and to go out after it."""
MOST_BANDS = 24
SILENT = 1e-3
"""A track without a sample over this (-60 dBFS) says nothing of how a compressor has to be set."""
STAND_IN = "_instead"

Lanes = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class IntentFit:
    """What became of one intent: the member that carries it out ("eq", or "eq_instead" where smartmix's own had to)."""

    device: str
    intent: Intent
    fit: Fit
    carried_by: str

    @property
    def text(self) -> str:
        """One line."""
        said = f"{self.carried_by}: within {self.fit.error_db:.2f} dB of {_words(self.intent)}"
        return f"{said} ({self.fit.stated_limit})" if self.fit.stated_limit else said


@dataclass(frozen=True, slots=True)
class FittedChain:
    """A chain that does what it is meant to on one track. ``automation`` belongs to it: give both to ``process``."""

    chain: Chain
    automation: Lanes
    fits: tuple[IntentFit, ...]

    def __call__(self, audio: NDArray[np.floating], sample_rate: float) -> Samples:
        """The track through the chain with its lanes."""
        return self.chain.process(audio, sample_rate, automation=self.automation)


def fit_chain(
    chain: FileChain,
    audio: NDArray[np.floating],
    sample_rate: float,
    *,
    keys: Mapping[str, NDArray[np.floating]] | None = None,
) -> FittedChain:
    """Fit every device of a chain to its intents, on the track it is for (channels, frames).

    ``keys`` are the tracks that EQ intents name in ``during``. A device that is missing, is of another kind or cannot
    come near enough leaves its intent to one of smartmix's own right behind it (ID_instead); the fit says why. The
    devices are those of ``chain`` and keep what they are set to.
    """
    samples = check_samples(audio)
    inside = {e.id for e in all_entries(chain.file.devices) if e.intents and e not in chain.file.devices}
    if inside:
        raise PluginError(
            f"{chain.name}: {', '.join(sorted(inside))}: what a device in a split is to do cannot be fitted; "
            "give it values, or put it into the chain itself"
        )
    if not np.any(np.abs(samples) > SILENT):
        raise SmartmixError(f"{chain.name}: the track is silent; there is nothing to fit to")
    state = _Fitting(chain, samples, sample_rate, dict(keys or {}))
    for id_ in chain.ids:
        state.take(id_)
    return state.done()


@dataclass(slots=True)
class _Fitting:
    chain: FileChain
    audio: Samples
    sample_rate: float
    keys: dict[str, NDArray[np.floating]]
    members: dict[str, Device] = field(default_factory=dict)
    automation: Lanes = field(default_factory=dict)
    fits: list[IntentFit] = field(default_factory=list)
    heard: Samples = field(init=False)

    def __post_init__(self) -> None:
        self.heard = self.audio

    def take(self, id_: str) -> None:
        """Fit one device, and stand in for it where it cannot."""
        self.members[id_] = self.chain[id_]
        for intent in self.chain.entry(id_).intents:
            self._carry(id_, intent)
        self._listen(id_)

    def _carry(self, id_: str, intent: Intent) -> None:
        why = ""
        try:
            fit, lanes = self._fitted(self.members[id_], intent)
            why = fit.stated_limit
        except PluginError as error:
            why = str(error)
        if not why:
            self._set(id_, fit, lanes)
            self.fits.append(IntentFit(id_, intent, fit, id_))
            return
        instead = f"{id_}{STAND_IN}"
        if instead not in self.members or not isinstance(self.members[instead], type(_native(intent))):
            instead = instead if instead not in self.members else f"{instead}_{len(self.members)}"
            self.members[instead] = _native(intent)
        fit, lanes = self._fitted(self.members[instead], intent)
        self._set(instead, fit, lanes)
        why += f"; {fit.stated_limit}" if fit.stated_limit else ""
        self.fits.append(IntentFit(id_, intent, replace(fit, stated_limit=why), instead))

    def _fitted(self, device: Device, intent: Intent) -> tuple[Fit, Lanes]:
        if isinstance(device, MissingDevice):
            raise PluginError(f"{device.name} is not here: {device.why}")
        if isinstance(intent, CompressionIntent):
            return fit_compression(device, intent, self.heard, self.sample_rate), {}
        if isinstance(intent, CeilingIntent):
            return fit_ceiling(device, intent, self.heard, self.sample_rate), {}
        if isinstance(device, NativeDevice) and isinstance(device.processor, ParametricEQ):
            return self._own_eq(device, intent)
        if not intent.during:
            return fit_eq(device, intent, self.sample_rate), {}
        moves = fit_moves(device, self._moving(intent), self.sample_rate)
        said = moves.stated_limit if moves.left else ""
        values = {name: float(lane.values[0]) for name, lane in moves.lanes.items()}
        worst = max((p.worst_db for p in moves.points), default=0.0)
        moving = {
            n: moves.automation(self.sample_rate)[n]
            for n, lane in moves.lanes.items()
            if len(lane.frames) > 1
        }
        return Fit(values, moves.error_db, said, worst, moves.renders), moving

    def _own_eq(self, device: NativeDevice, intent: EQIntent) -> tuple[Fit, Lanes]:
        """smartmix's own EQ takes the bands as they are, in its first free ones."""
        free = [n for n in range(1, MOST_BANDS + 1) if device.get(f"band{n}.shape") == "off"]
        if len(free) < len(intent.bands):
            raise PluginError(f"{device.name}: {len(free)} bands are free, {len(intent.bands)} are wanted")
        lanes: Lanes = {}
        for n, band in zip(free, intent.bands, strict=False):
            for name, value in (("shape", band.shape), ("freq_hz", band.freq_hz), ("q", band.q)):
                device.set(f"band{n}.{name}", value)
            device.set(f"band{n}.gain_db", band.gain_db)
            device.set(f"band{n}.slope_db_oct", band.slope_db_oct)
            if intent.during:
                lane = _times(self._lane(intent.during), band.gain_db)
                lanes[f"band{n}.gain_db"] = _in_seconds(lane, self.sample_rate)
        return Fit({}, 0.0), lanes

    def _moving(self, intent: EQIntent) -> list[MovingBand]:
        share = self._lane(intent.during)
        return [
            MovingBand(
                f"band {k}",
                band.shape,
                _times(share, band.gain_db),
                FrameLane.constant(band.freq_hz),
                FrameLane.constant(band.q),
                band.slope_db_oct,
            )
            for k, band in enumerate(intent.bands, start=1)
        ]

    def _lane(self, during: str) -> FrameLane:
        """1 while the key sounds, else 0, with slopes before and after."""
        if during != SELF and during not in self.keys:
            raise SmartmixError(
                f"an intent holds while {during!r} sounds: give it in keys={{{during!r}: audio}}"
            )
        key = self.audio if during == SELF else check_samples(self.keys[during])
        return sounding_lane(key, self.sample_rate)

    def _set(self, id_: str, fit: Fit, lanes: Lanes) -> None:
        device = self.members[id_]
        for name, value in fit.values.items():
            device.set(name, bool(value) if device.info(name).scale == "toggle" else value)
        self.automation |= {f"{id_}.{name}": lane for name, lane in lanes.items()}

    def _listen(self, id_: str) -> None:
        """The track behind this device, and behind what stands in for it."""
        own = [i for i in self.members if i == id_ or i.startswith(id_ + STAND_IN)]
        part = self._chained(own)
        lanes = {n: lane for n, lane in self.automation.items() if n.split(".")[0] in own}
        self.heard = part.process(self.heard, self.sample_rate, automation=lanes)

    def _chained(self, ids: Sequence[str]) -> Chain:
        made = Chain(*(self.members[i] for i in ids), name=self.chain.name, ids=ids)
        for id_ in (i for i in ids if i in self.chain.ids):
            for name in (DRY_WET.id, BYPASSED.id):
                made.set(f"{id_}.{name}", self.chain.get(f"{id_}.{name}"))
        return made

    def done(self) -> FittedChain:
        """All of it."""
        return FittedChain(self._chained(list(self.members)), self.automation, tuple(self.fits))


def sounding_lane(audio: Samples, sample_rate: float) -> FrameLane:
    """1 while a track sounds, else 0: it comes in a tenth of a second before and goes out over a quarter after."""
    found = extract([audio], sample_rate, audio.shape[0], "key", low_end=False).active_spans_s
    comes, goes = round(COMES_S * sample_rate), round(GOES_S * sample_rate)
    end_frame = audio.shape[1]
    points: list[tuple[int, float]] = []
    for start_s, end_s in found:
        start, end = round(start_s * sample_rate), min(round(end_s * sample_rate), end_frame)
        first = start - comes
        if points and first <= points[-1][0]:
            points = points[:-2]
            points.append((end, 1.0))
        elif first <= 0:
            points += [(0, 1.0), (end, 1.0)]
        else:
            points += [(first, 0.0), (start, 1.0), (end, 1.0)]
        points.append((end + goes, 0.0))
    return FrameLane.from_points(points or [(0, 0.0)])


def _times(lane: FrameLane, factor: float) -> FrameLane:
    return lane.mapped(lambda values: values * factor)


def _in_seconds(lane: FrameLane, sample_rate: float) -> list[tuple[float, float]]:
    return list(zip((lane.frames / sample_rate).tolist(), lane.values.tolist(), strict=True))


def _native(intent: Intent) -> NativeDevice:
    if isinstance(intent, EQIntent):
        return NativeDevice(ParametricEQ())
    return NativeDevice(Compressor() if isinstance(intent, CompressionIntent) else TruePeakLimiter())


def _words(intent: Intent) -> str:
    if isinstance(intent, CeilingIntent):
        return f"{intent.dbtp:g} dBTP"
    if isinstance(intent, CompressionIntent):
        return f"{intent.reduction_db:g} dB of reduction on peaks"
    bands = ", ".join(f"{b.gain_db:+.1f} dB at {b.freq_hz:.0f} Hz" for b in intent.bands)
    return bands + (
        " while it sounds"
        if intent.during == SELF
        else f" while {intent.during} sounds"
        if intent.during
        else ""
    )
