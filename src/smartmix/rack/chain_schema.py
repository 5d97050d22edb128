"""The keys of a chain file (format 1) and what each may be. Loaded only when a chain file is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from smartmix.rack.intents.intent import Shape
from smartmix.session.schema import Id, Switch, Table, Text, listed

FORMAT = 1
Kind = Literal["native", "pedalboard", "vst3", "mid_side", "bands", "parallel"]
SPLITS = ("mid_side", "bands", "parallel")
Carried = Literal["eq", "compression"]
IntentKind = Literal["eq", "compression", "ceiling"]
Slope = Literal[6, 12, 18, 24, 36, 48]

GainDb = Annotated[float, Field(ge=-24.0, le=24.0, description="-24 to 24 dB")]
Frequency = Annotated[float, Field(ge=10.0, le=24_000.0, description="10 to 24000 Hz")]


def _values(table: dict[str, Any]) -> dict[str, Any]:
    """Numbers, words and switches, in tables as deep as the parameter's name has parts."""
    for value in table.values():
        if isinstance(value, dict):
            _values(value)
        elif not isinstance(value, bool | int | float | str):
            raise ValueError("a number, a word, true or false for each parameter")
    return table


def _points(points: list[list[float]]) -> list[list[float]]:
    """Rising points in time."""
    times = [point[0] for point in points if len(point) == 2]
    if not points or len(times) != len(points) or times != sorted(times) or times[0] < 0.0:
        raise ValueError("points [seconds, value] in order")
    return points


Points = Annotated[list[list[float]], AfterValidator(_points)]
Values = Annotated[dict[str, Any], AfterValidator(_values)]


class BandTable(Table):
    """``[[device.intent.band]]``: one band of an EQ intent, at a frequency or over a range."""

    shape: Shape = Field("bell", description=listed(Shape))
    freq_hz: Frequency | None = Field(None, description="10 to 24000 Hz")
    from_hz: Frequency | None = Field(None, description="10 to 24000 Hz")
    to_hz: Frequency | None = Field(None, description="10 to 24000 Hz")
    gain_db: GainDb = 0.0
    q: float | None = Field(None, ge=0.1, le=30.0, description="0.1 to 30")
    slope_db_oct: Slope = Field(12, description=listed(Slope))

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        over = self.from_hz is not None and self.to_hz is not None
        if (self.freq_hz is not None) == over or (self.from_hz is None) != (self.to_hz is None):
            raise ValueError("either freq_hz, or from_hz and to_hz")
        if over and (self.shape != "bell" or self.q is not None):
            raise ValueError("from_hz and to_hz are for a bell, and say its q")
        if over and not (self.from_hz or 0.0) < (self.to_hz or 0.0):
            raise ValueError("from_hz below to_hz")
        return self


class IntentTable(Table):
    """``[[device.intent]]``: what the device is to do."""

    kind: IntentKind = Field(description=listed(IntentKind))
    during: str = Field("", max_length=64, description='"self" (while the track sounds) or the id of a track')
    band: list[BandTable] = Field([], description="[[device.intent.band]] tables")
    reduction_db: float | None = Field(None, ge=0.0, le=24.0, description="0 to 24 dB")
    ratio: float | None = Field(None, ge=1.0, le=100.0, description="1 to 100")
    attack_ms: float | None = Field(None, ge=0.0, le=1_000.0, description="0 to 1000 ms")
    release_ms: float | None = Field(None, ge=0.0, le=5_000.0, description="0 to 5000 ms")
    from_hz: Frequency | None = Field(None, description="10 to 24000 Hz")
    to_hz: Frequency | None = Field(None, description="10 to 24000 Hz")
    level_matched: Switch | None = Field(None, description="true or false")
    dbtp: float | None = Field(None, ge=-24.0, le=0.0, description="-24 to 0 dBTP")
    drive_db: float | None = Field(None, ge=-24.0, le=24.0, description="-24 to 24 dB")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        own = {
            "eq": {"band", "during"},
            "compression": {
                *("reduction_db", "ratio", "attack_ms", "release_ms", "from_hz", "to_hz", "level_matched")
            },
            "ceiling": {"dbtp", "drive_db"},
        }[self.kind]
        foreign = self.model_fields_set - own - {"kind"}
        if foreign:
            raise ValueError(f"for kind {self.kind!r} only {', '.join(sorted(own))}")
        needed = {"eq": "band", "compression": "reduction_db", "ceiling": "dbtp"}[self.kind]
        if getattr(self, needed) in (None, []):
            raise ValueError(f"for kind {self.kind!r} also {needed}")
        return self


class DeviceTable(Table):
    """``[[device]]``: one effect in its place."""

    id: Id | None = Field(None, description="an id of letters, digits, - and _ (at most 64)")
    kind: Kind = Field(description=listed(Kind))
    name: Text | None = Field(None, description="the name of the effect or plugin")
    class_id: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$")] | None = Field(
        None, description="the 32 hexadecimal digits of a VST3 class"
    )
    path: Text | None = Field(None, description="the path of a .vst3")
    dry_wet: float = Field(1.0, ge=0.0, le=1.0, description="0 to 1")
    bypassed: Switch = False
    carries: list[Carried] = Field([], description='a list of "eq" and "compression"')
    only_with_moves: Switch = False
    state: Text | None = Field(None, description="the name of a .vstpreset beside this file")
    state_hash: Text | None = Field(None, description="a text")
    values: Values = Field(default_factory=dict, description="a number, a word, true or false")
    lanes: dict[str, Points] = Field({}, description="parameters with their points [[seconds, value], ...]")
    intent: list[IntentTable] = Field([], description="[[device.intent]] tables")

    branch: list[BranchTable] = Field([], description="[[device.branch]] tables")
    crossovers_hz: list[Frequency] = Field([], max_length=3, description="1 to 3 rising frequencies")
    dry_db: float = Field(0.0, ge=-120.0, le=24.0, description="-120 (none) to 24 dB")

    @model_validator(mode="after")
    def _found_by_something(self) -> Self:
        if self.kind in SPLITS:
            return self._a_split()
        if self.branch or self.crossovers_hz or "dry_db" in self.model_fields_set:
            raise ValueError(f"branch, crossovers_hz and dry_db are for {', '.join(SPLITS)}")
        if self.kind != "vst3" and (self.name is None or self.class_id or self.path or self.state):
            raise ValueError(f"a name and no class_id, path or state for kind {self.kind!r}")
        if self.kind == "vst3" and not (self.name or self.class_id or self.path):
            raise ValueError("a name, a class_id or a path of the plugin")
        if len(set(self.carries)) != len(self.carries):
            raise ValueError("each word of carries once")
        return self

    def _a_split(self) -> Self:
        allowed = {"id", "kind", "branch", "dry_wet", "bypassed"}
        allowed |= {"bands": {"crossovers_hz"}, "parallel": {"dry_db"}}.get(self.kind, set())
        if foreign := sorted(self.model_fields_set - allowed):
            raise ValueError(f"no {foreign[0]} for kind {self.kind!r}")
        if not self.branch:
            raise ValueError(f"at least one branch for kind {self.kind!r}")
        if self.kind == "bands" and not self.crossovers_hz:
            raise ValueError("crossovers_hz for kind 'bands'")
        return self


class BranchTable(Table):
    """``[[device.branch]]``: what one part of the sound runs through."""

    part: Id = Field(description="mid or side, the name of a band, or a name of its own")
    level_db: float = Field(0.0, ge=-120.0, le=24.0, description="-120 (silence) to 24 dB")
    device: list[DeviceTable] = Field(min_length=1, description="at least one [[device.branch.device]] table")


class ChainTable(Table):
    """A whole chain file."""

    format: Literal[1]
    name: Text
    device: list[DeviceTable] = Field(min_length=1, description="at least one [[device]] table")
