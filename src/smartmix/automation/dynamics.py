"""Compressor, de-esser, bands of the dynamic EQ: moves that follow one another become lanes of one device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.automation.lane import FrameLane, FrameSpan
from smartmix.automation.spans import in_turn, jump_frames, limited_sum
from smartmix.automation.values import check_range, value_lane
from smartmix.errors import PlanError
from smartmix.plan.keyed import KEY
from smartmix.plan.ranges import RANGES, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from smartmix.plan.move import Value

LET_GO_S = 0.09
"""How long before the end of its span a de-esser begins to let go (house): with the release below, that is when a
reduction of 24 dB has become exactly none."""
LET_GO_RELEASE_MS = RANGES["de_esser", "release_ms"].low

_Parts = list[tuple[FrameSpan, FrameLane]]


@dataclass(slots=True)
class Dynamics:
    """What one move sets a compressor, a de-esser or a band ("dynamic_eq.band1") to, and where."""

    move_id: str
    device: str
    span: FrameSpan | None
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The track it listens to; "" for the one it is on."""
        return str(self.values.get(KEY, ""))

    @property
    def named(self) -> set[str]:
        """Parameters that the move sets and that go through time; the key does not."""
        return self.values.keys() - {KEY}

    def lane(self, name: str, sample_rate: float, scale: float) -> FrameLane:
        """One parameter; what the move does not name is at its native default."""
        allowed = _range(self.device, name)
        label = f"move {self.move_id}: {self.device} {name}"
        value = self.values.get(name)
        if value is None:
            return FrameLane.constant(allowed.default)
        if allowed.choices:
            if isinstance(value, tuple):
                raise PlanError(f"{label}: is one choice for the whole move, not a lane")
            return FrameLane.constant(allowed.index_of(value))
        lane = value_lane(value, sample_rate, label).mapped(lambda values: _scaled(name, values, scale))
        lane = lane.without_jumps(jump_frames(sample_rate), log_scale=allowed.is_log)
        return check_range(lane, allowed, label)

    def works(self, sample_rate: float, scale: float) -> bool:
        """Whether the settings do anything at all."""
        if self.device != "compressor":
            return bool(self.lane("range_db", sample_rate, scale).values.any())
        ratio, makeup = (self.lane(name, sample_rate, scale) for name in ("ratio", "makeup_db"))
        return bool((ratio.values != 1.0).any() or makeup.values.any())


def _range(device: str, name: str) -> Range:
    head, dot, band = device.partition(".")
    return RANGES[head, band + dot + name]


def _scaled(name: str, values: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Amounts scale: the ratio by what it is over 1, make-up and range as dB. Thresholds and times stay."""
    if name == "ratio":
        return 1.0 + (values - 1.0) * scale
    return values * scale if name in ("makeup_db", "range_db") else values


def dynamics_lanes(moves: Sequence[Dynamics], sample_rate: float, scale: float) -> dict[str, FrameLane]:
    """Lanes of the parameters of one device of one strip; empty when no move does anything.

    A move for the whole song is its settings. Outside a span the device is an exact bypass: a compressor's mix goes
    to 0 and its ratio to 1; a de-esser lets go before the end; the range of a band goes to 0.
    """
    working = [m for m in moves if m.works(sample_rate, scale)]
    if not working:
        return {}
    if len(working) == 1 and working[0].span is None:
        return {name: working[0].lane(name, sample_rate, scale) for name in working[0].named}
    device = working[0].device
    parts = sorted(((m.span or (0, None), m) for m in working), key=lambda part: part[0][0])

    def lanes_of(name: str) -> _Parts:
        return [(span, move.lane(name, sample_rate, scale)) for span, move in parts]

    names = {name for m in working for name in m.named}
    lanes = {name: in_turn(lanes_of(name), log_scale=_range(device, name).is_log) for name in sorted(names)}
    limits = {"compressor": _limit_compressor, "de_esser": _limit_de_esser}
    return lanes | limits.get(device, _limit_band)(lanes_of, sample_rate)


def _limit_compressor(lanes_of: Callable[[str], _Parts], sample_rate: float) -> dict[str, FrameLane]:
    """Neutral outside the spans: a ratio of 1, and none of the compressed signal while it still lets go."""
    return {
        "ratio": in_turn(lanes_of("ratio"), rest=1.0),
        "mix": limited_sum(lanes_of("mix"), rest=0.0, sample_rate=sample_rate),
    }


def _limit_band(lanes_of: Callable[[str], _Parts], sample_rate: float) -> dict[str, FrameLane]:
    """A range of 0 outside the spans: what the detector still holds is a share of it."""
    return {"range_db": limited_sum(lanes_of("range_db"), rest=0.0, sample_rate=sample_rate)}


def _limit_de_esser(lanes_of: Callable[[str], _Parts], sample_rate: float) -> dict[str, FrameLane]:
    """A range of 0 outside the spans, and a quick release in time for their ends."""
    let_go = round(LET_GO_S * sample_rate)
    ranges, releases = lanes_of("range_db"), lanes_of("release_ms")
    shorter: _Parts = []
    quicker: _Parts = []
    for (span, lane), (_, release) in zip(ranges, releases, strict=True):
        start, end = span
        stop = None if end is None else max(end - let_go, start + (end - start) // 2)
        shorter.append(((start, stop), lane))
        quicker.append(((start, stop), release))
        if end is not None and stop is not None:
            quicker.append(((stop, end), FrameLane.constant(LET_GO_RELEASE_MS)))
    return {
        "range_db": in_turn(shorter, rest=0.0),
        "release_ms": in_turn(quicker, log_scale=True),
    }
