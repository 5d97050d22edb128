"""VST3 plugins as devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.processors.values import Value
from smartmix.rack.device import ForeignDevice
from smartmix.rack.engine import Columns, Engine, Maker
from smartmix.rack.preset_file import PluginState, read_preset, write_preset
from smartmix.rack.timeline import BLOCK_FRAMES
from smartmix.rack.values import PluginParameter, normalised_of, plain_of, read_parameters

if TYPE_CHECKING:
    from smartmix.rack.isolated import Incident


class Vst3Device(ForeignDevice):
    """A VST3 effect. Its parameters are attributes in the plugin's own units; ``meters`` are what it reports.

    A plugin with one channel runs once per channel of the audio, with the same settings. A plugin that only takes two
    gets a single channel on both, and the mean of what comes back is the result. ``asked_and_actual`` and ``text``
    tell what a setting became, ``incidents`` what an isolated plugin did that cost it its process.
    """

    kind = "vst3"
    library: Path | None = None
    """The file it was loaded from."""

    def __init__(self, make: Maker) -> None:
        super().__init__()
        self._make = make
        first = make()
        self._engines: list[Engine] = [first]
        self._told: list[Incident] = []
        self._shared_channels = 0
        self._used = False
        self._state: PluginState | None = None
        facts = first.facts
        self.name = facts["name"]
        self.class_id = facts["class_id"]
        self.vendor = facts["vendor"]
        self.version = facts["version"]
        self.main_channels: int = next((bus["channels"] for bus in first.inputs if bus["main"]), 0)
        """Channels of its main input as it comes, before it was asked for others."""
        known = read_parameters(first.parameters, first.text)
        self._known = {p.info.id: p for p in known}
        self._read_values()
        self.parameters = tuple(p.info for p in known if not p.read_only)

    @property
    def latency_frames(self) -> int:
        """What the plugin reports, at the rate last used."""
        return self._engines[0].latency_frames

    @property
    def tail_frames(self) -> int:
        """How long the plugin says it rings on; -1: for ever."""
        return self._engines[0].tail_frames

    @property
    def meters(self) -> dict[str, float]:
        """What the plugin last reported of its own accord (gain reduction, levels), by id, in its own units."""
        engine = self._engines[0]
        return {i: self._to_plain(p, engine.get(p.plugin_id)) for i, p in self._known.items() if p.read_only}

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Crashes, hangs and NaN so far, in order; none where the plugin runs in this process, which would be gone."""
        return (*self._told, *_incidents(self._engines))

    @property
    def automatable(self) -> tuple[str, ...]:
        """Ids of the parameters the plugin lets a host move."""
        return tuple(i for i, p in self._known.items() if p.automatable and not p.read_only)

    def address(self, parameter_id: str) -> tuple[int, int]:
        """How a DAW knows a parameter: the VST3 ParamID, and its place among those the plugin lists."""
        known = self._known[self.info(parameter_id).id]
        rows = [row["id"] for row in self._engines[0].parameters]
        return known.plugin_id, rows.index(known.plugin_id)

    def position(self, parameter_id: str, value: Value) -> float:
        """Where a plain value stands between 0 and 1, as the plugin has it."""
        parameter = self._known[self.info(parameter_id).id]
        return min(max(self._to_normalised(parameter, float(value)), 0.0), 1.0)

    def plain(self, parameter_id: str, position: float) -> float:
        """The plain value at a position between 0 and 1."""
        parameter = self._known[self.info(parameter_id).id]
        return min(max(self._to_plain(parameter, position), parameter.info.low), parameter.info.high)

    def text(self, parameter_id: str) -> str:
        """What the plugin shows for the value in force, such as "-18.0 dB"."""
        parameter = self._known[self.info(parameter_id).id]
        shown = self._engines[0].text(
            parameter.plugin_id, self._to_normalised(parameter, self._values[parameter_id])
        )
        return shown.strip()

    def asked_and_actual(self) -> dict[str, tuple[Value, float]]:
        """What was set, and the value the plugin makes of it: the two differ where it has steps."""
        out: dict[str, tuple[Value, float]] = {}
        for name, value in self._asked.items():
            parameter = self._known[name]
            normalised = self._to_normalised(parameter, value)
            out[name] = (value, self._to_plain(parameter, normalised))
        return out

    @property
    def state(self) -> PluginState:
        """Everything the plugin remembers, as its own bytes. Asking between streamed calls clears its audio memory."""
        engine = self._engines[0]
        for name, value in self._asked.items():
            parameter = self._known[name]
            engine.set(parameter.plugin_id, self._to_normalised(parameter, value))
        component, controller = engine.state()
        return PluginState(self.class_id, component, controller)

    @state.setter
    def state(self, state: PluginState) -> None:
        if state.class_id != self.class_id:
            raise PluginError(
                f"{self.name}: the preset is for another plugin ({state.class_id}, this is {self.class_id})"
            )
        try:
            for engine in self._engines:
                engine.set_state(state.component, state.controller)
        except RuntimeError as error:
            raise PluginError(str(error)) from None
        self._state = state
        self._asked, self._ways, self._written = {}, {}, {}
        self._read_values()

    @property
    def loaded_hash(self) -> str:
        """Of the state that was last set; "" without one."""
        return self._state.hash if self._state else ""

    def told_by_settings(self) -> bool:
        """Whether a new instance with these settings remembers the same: the state then holds nothing more."""
        plain = type(self)(self._make)
        for name, value in self.settings().items():
            plain.set(name, value)
        return plain.state == self.state

    def another(self) -> Vst3Device:
        """A new instance of the same plugin with the same state and settings."""
        other = type(self)(self._make)
        other.library = self.library
        if self._state is not None:
            other.state = self._state
        for name in self._asked:
            other.set(name, self.get(name))
        return other

    def load_preset(self, file: str | Path) -> None:
        """Set everything as in a .vstpreset file (any DAW's); PluginError for one of another plugin."""
        self.state = read_preset(Path(file))

    def save_preset(self, file: str | Path, *, force: bool = False) -> Path:
        """Write everything as a .vstpreset that any DAW loads."""
        return write_preset(Path(file), self.state, force=force)

    def _read_values(self) -> None:
        engine = self._engines[0]
        for name, parameter in self._known.items():
            plain = self._to_plain(parameter, engine.get(parameter.plugin_id))
            self._values[name] = min(max(plain, parameter.info.low), parameter.info.high)

    def _to_plain(self, parameter: PluginParameter, normalised: float) -> float:
        if parameter.info.scale == "choice":
            return float(round(normalised * parameter.info.high))
        if parameter.table:
            return plain_of(parameter.table, normalised)
        if (parameter.info.low, parameter.info.high) == (0.0, 1.0):
            return normalised
        return self._engines[0].to_plain(parameter.plugin_id, normalised)

    def _to_normalised(self, parameter: PluginParameter, plain: float) -> float:
        return float(self._all_normalised(parameter, np.array([plain]))[0])

    def _all_normalised(self, parameter: PluginParameter, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        if parameter.info.scale == "choice":
            return plain / parameter.info.high
        if parameter.table:
            return normalised_of(parameter.table, plain)
        if (parameter.info.low, parameter.info.high) == (0.0, 1.0):
            return plain
        return np.clip(self._engines[0].to_normalised_many(parameter.plugin_id, plain), 0.0, 1.0)

    def _begin(self, sample_rate: float, channels: int, side_chain_channels: int) -> None:
        if self._used:
            self._renew()
        self._used = True
        asked = {
            self._known[name].plugin_id: self._to_normalised(self._known[name], value)
            for name, value in self._asked.items()
        }
        try:
            self._arrange((sample_rate, channels, side_chain_channels), asked)
        except RuntimeError as error:
            raise PluginError(str(error)) from None

    def _renew(self) -> None:
        """A new instance: whether a plugin forgets its audio when told to depends on its settings, and a scan at its
        defaults cannot know.
        """
        state = self._state
        self._told += _incidents(self._engines)
        self._engines = [self._make()]
        if state is not None:
            self._engines[0].set_state(state.component, state.controller)

    def _arrange(self, spec: tuple[float, int, int], asked: Mapping[int, float]) -> None:
        """One instance for all channels; one per channel where the plugin has one; both sides fed where it has two."""
        sample_rate, channels, side_chain_channels = spec
        self._shared_channels = 0
        self._told += _incidents(self._engines[1:])
        del self._engines[1:]
        first = self._engines[0]
        _set_all(first, asked)
        try:
            first.prepare(sample_rate, channels, BLOCK_FRAMES, side_chain_channels)
            return
        except RuntimeError:
            own = next((bus["channels"] for bus in first.inputs if bus["main"]), 0)
            if own == channels or own not in (1, 2) or (own == 2 and channels != 1):
                raise
        if own == 2:
            self._shared_channels = 2
            first.prepare(sample_rate, 2, BLOCK_FRAMES, side_chain_channels)
            return
        self._engines += [self._twin(asked) for _ in range(channels - 1)]
        for engine in self._engines:
            engine.prepare(sample_rate, 1, BLOCK_FRAMES, side_chain_channels)

    def _twin(self, asked: Mapping[int, float]) -> Engine:
        """Another instance, set like the first."""
        another = self._make()
        if self._state is not None:
            another.set_state(self._state.component, self._state.controller)
        _set_all(another, asked)
        return another

    def _run(
        self,
        audio: Samples,
        cuts: NDArray[np.int32],
        writes: list[tuple[int, str, float]],
        side_chain: Samples | None,
    ) -> Samples:
        columns = self._columns(writes)
        if self._shared_channels:
            both = self._engines[0].process(np.repeat(audio, 2, axis=0), cuts, *columns, side_chain)
            return np.asarray(both.mean(axis=0, keepdims=True), np.float32)
        if len(self._engines) == 1:
            return self._engines[0].process(audio, cuts, *columns, side_chain)
        sides = [
            engine.process(np.ascontiguousarray(audio[c : c + 1]), cuts, *columns, side_chain)
            for c, engine in enumerate(self._engines)
        ]
        return np.concatenate(sides)

    def _columns(self, writes: Sequence[tuple[int, str, float]]) -> Columns:
        names = np.array([name for _, name, _ in writes])
        plain = np.array([value for _, _, value in writes], np.float64)
        normalised = np.empty_like(plain)
        ids = np.empty(len(plain), np.uint32)
        for name in dict.fromkeys(names.tolist()):
            mine = names == name
            parameter = self._known[name]
            ids[mine] = parameter.plugin_id
            normalised[mine] = self._all_normalised(parameter, plain[mine])
        return np.array([block for block, _, _ in writes], np.int32), ids, normalised


def _incidents(engines: Sequence[Engine]) -> list[Incident]:
    return [incident for engine in engines for incident in getattr(engine, "incidents", ())]


def _set_all(engine: Engine, values: Mapping[int, float]) -> None:
    for id_, normalised in values.items():
        engine.set(id_, normalised)
