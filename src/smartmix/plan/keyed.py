"""Dynamics that listen to another track: a band or a compressor that gives way while that track plays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.plan.ranges import DYNAMIC_BANDS, RANGES, check_value, is_key

KEY = "key"


@dataclass(frozen=True, slots=True)
class KeyedBand:
    """A bell of a dynamic EQ that moves towards ``range_db`` while the same band of the track ``key`` is over
    ``threshold_db``.

    The level is that of the key as it is read, behind its trim and before its EQ, through a band pass of ``freq_hz``
    and ``q``: a full-scale sine in the middle reads 0 dB. One dB over the threshold asks for 1 - 1/``ratio`` dB. Times
    in ms to 63 %; the house's release is 120 ms at least, so that it is not heard to pump.
    """

    key: str
    freq_hz: float
    range_db: float
    threshold_db: float
    q: float = 1.0
    ratio: float = 3.0
    attack_ms: float = 10.0
    release_ms: float = 150.0

    def sets(self, track: str, band: str) -> tuple[MoveSet, ...]:
        """The settings of ``band`` ("band1" ... "band4") of a track. PlanError for a value out of range."""
        values: dict[str, Value] = {
            KEY: self.key,
            "freq_hz": self.freq_hz,
            "q": self.q,
            "range_db": self.range_db,
            "threshold_db": self.threshold_db,
            "ratio": self.ratio,
            "attack_ms": self.attack_ms,
            "release_ms": self.release_ms,
        }
        return tuple(
            _setting(ParamRef(track, "dynamic_eq", f"{band}.{name}"), v) for name, v in values.items()
        )


def keyed_compressor_sets(track: str, key: str, settings: Mapping[str, Value]) -> tuple[MoveSet, ...]:
    """The settings of a track's compressor that listens to ``key``. PlanError for a value out of range."""
    values: dict[str, Value] = {KEY: key, **settings}
    return tuple(_setting(ParamRef(track, "compressor", name), value) for name, value in values.items())


def _setting(ref: ParamRef, value: Value) -> MoveSet:
    allowed = RANGES[ref.device, ref.parameter]
    before: Value = "" if allowed.names_track else allowed.choices[0] if allowed.choices else allowed.default
    if ref.parameter.endswith((".freq_hz", ".q")):
        before = value  # nothing is there before, so nothing has moved
    return MoveSet(ref, allowed.unit, before, check_value(ref, value))


def key_of(move: Move, device: str) -> str:
    """The track that a move has a "compressor" or "dynamic_eq/band1" listen to; "" for the one it is on."""
    for setting in move.sets:
        if is_key(setting.ref) and isinstance(setting.value, str):
            band = setting.ref.parameter.rpartition(".")[0]
            if device == (f"{setting.ref.device}/{band}" if band else setting.ref.device):
                return setting.value
    return ""


def keys_of(move: Move) -> frozenset[str]:
    """All tracks that a move has something listen to."""
    return frozenset(s.value for s in move.sets if is_key(s.ref) and isinstance(s.value, str) and s.value)


def free_band(moves: Iterable[Move], track: str) -> str | None:
    """The first band of a track's dynamic EQ that none of the moves sets, whatever their status; None when all four are
    taken. A band has one key for the whole song, so moves share none.
    """
    taken = {
        s.ref.parameter.partition(".")[0]
        for move in moves
        for s in move.sets
        if s.ref.track == track and s.ref.device == "dynamic_eq"
    }
    return next((band for band in DYNAMIC_BANDS if band not in taken), None)
