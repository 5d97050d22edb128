"""The stages as a stream: blocks go in, the same number of frames comes out, lined up with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.errors import SmartmixError
from smartmix.mastering.portrait import decoded, encoded
from smartmix.mastering.stage import DEVICES, STAGES, MasterStage, scaled
from smartmix.processors import Processor, create
from smartmix.processors.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.rack.file_chain import FileChain


class Node(Protocol):
    """One step: what comes out lags by ``latency_frames``."""

    latency_frames: int

    def process(self, block: Samples) -> Samples:
        """The next block, as long as it came."""

    def process_keyed(self, block: Samples, key: Samples) -> Samples:
        """The next block, worked on as what listens to ``key`` would have it; SmartmixError where nothing listens."""


class MasterChain:
    """Every stage that plays, but the level. Settings are checked here: SmartmixError names stage, device and key.

    One object per run; ``reductions`` and ``remarks`` can be read when it has run.
    """

    def __init__(self, stages: Sequence[MasterStage], sample_rate: int, channels: int) -> None:
        order = {stage.id: stage for stage in stages}
        self.sample_rate, self.channels = sample_rate, channels
        self.nodes: dict[str, list[Node]] = {}
        for name in STAGES:
            if name in order and order[name].played and name != "level":
                self.nodes[name] = _nodes(order[name], sample_rate, channels)

    @property
    def neutral(self) -> bool:
        """Whether nothing plays: every bit is left alone."""
        return not self.nodes

    def run(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Blocks (channels, frames) through the stages, latency taken out."""
        lined_up: Iterator[Samples] = iter(blocks)
        for nodes in self.nodes.values():
            for node in nodes:
                lined_up = _lined_up(node, lined_up, self.channels)
        return lined_up

    @property
    def reductions_db(self) -> tuple[tuple[float, float], ...]:
        """Deepest and mean reduction of each band of the dynamics, once it has run; empty without."""
        for node in self.nodes.get("dynamics", ()):
            if isinstance(node, _Plain):
                effect = node.effect
                return tuple(zip(effect.band_max_reductions_db, effect.band_mean_reductions_db, strict=True))
        return ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Plugins that are missing, or failed and were bypassed."""
        found: list[str] = []
        for nodes in self.nodes.values():
            for node in nodes:
                if isinstance(node, _Foreign):
                    found += [*node.chain.remarks, *node.chain.incident_texts()]
        return tuple(found)


def _lined_up(node: Node, blocks: Iterator[Samples], channels: int) -> Iterator[Samples]:
    skip = node.latency_frames
    for block in blocks:
        yield from _after(node.process(block), skip)
        skip -= min(skip, block.shape[1])
    if node.latency_frames:
        yield from _after(node.process(np.zeros((channels, node.latency_frames), np.float32)), skip)


def _after(out: Samples, skip: int) -> Iterator[Samples]:
    if skip < out.shape[1]:
        yield np.ascontiguousarray(out[:, skip:]) if skip else out


def _nodes(stage: MasterStage, sample_rate: int, channels: int) -> list[Node]:
    if stage.chain is not None:
        return [_Foreign(stage.chain, stage, sample_rate, channels)]
    played = scaled(stage, stage.share)
    made = {device: face(stage.id, device, values) for device, values in played.items() if values}
    if stage.id in ("eq", "width") and channels == 2:
        nodes: list[Node] = []
        if both := made.get("both") or made.get("stereo"):
            nodes.append(_Plain(both, sample_rate, channels))
        if "mid" in made or "side" in made:
            nodes.append(_MidSide(made.get("mid"), made.get("side"), sample_rate))
        return nodes
    if stage.id == "eq":  # one channel: the mid is all there is
        made = {device: effect for device, effect in made.items() if device != "side"}
    if stage.id == "width":
        made = {}
    order = [device for device in DEVICES[stage.id] if device in made]
    return [_Plain(made[device], sample_rate, channels) for device in order]


def chain_notes(stages: Sequence[MasterStage], chain: MasterChain) -> tuple[str, ...]:
    """What chain files of stages do not do: plugins that are missing or failed, intents that nothing fits here."""
    from smartmix.rack.chain_file import read_chain_file

    found = list(chain.remarks)
    for stage in stages:
        if stage.chain is not None and stage.played:
            waiting = sum(len(entry.intents) for entry in read_chain_file(stage.chain).devices)
            if waiting:
                what = f"{waiting} intent{'s' * (waiting != 1)} of {stage.chain.name}"
                how = "smartmix mix --chain fits them and saves a chain that can be named here"
                found.append(f"{what} (stage {stage.id}) not fitted, its plugins play as they are set: {how}")
    return tuple(found)


def check_chain_amount(stage: MasterStage) -> None:
    """SmartmixError where a chain file is asked for more than itself: its amount is dry against wet."""
    if stage.chain is not None and stage.amount > 100.0:
        raise SmartmixError(
            f"stage {stage.id!r}: amount = {stage.amount:g} with a chain: expected 0 to 100 %, dry to wet"
        )


def face(stage: str, device: str, values: Mapping[str, Value]) -> Processor:
    """The effect of a stage, set. SmartmixError names stage, device, key, value and range."""
    if device not in DEVICES.get(stage, {}):
        known = ", ".join(DEVICES.get(stage, {})) or "none"
        raise SmartmixError(f"stage {stage!r}: no device {device!r}; there are: {known}")
    effect = create(DEVICES[stage][device])
    for name, value in values.items():
        try:
            effect.set(name, value)
        except SmartmixError as error:
            raise SmartmixError(f"stage {stage!r}, {device}: {error}") from None
    return effect


class _Plain:
    """An effect over all channels."""

    def __init__(self, effect: Processor, sample_rate: int, channels: int) -> None:
        self.effect = effect
        self._rate = sample_rate
        self._keyed = False
        effect.process(np.zeros((channels, 0), np.float32), sample_rate, reset=False)
        self.latency_frames = effect.latency_frames

    def process(self, block: Samples) -> Samples:
        return self.effect.process(block, self._rate, reset=False)

    def process_keyed(self, block: Samples, key: Samples) -> Samples:
        if not self._keyed:  # prepared anew, with ears for another signal; nothing has been played yet
            nothing = np.zeros((block.shape[0], 0), np.float32)
            self.effect.process(nothing, self._rate, side_chain=nothing)
            self._keyed = True
        return self.effect.process(block, self._rate, reset=False, side_chain=key)


class _MidSide:
    """Effects without latency on mid and side."""

    latency_frames = 0

    def __init__(self, mid: Processor | None, side: Processor | None, sample_rate: int) -> None:
        self._effects = (mid, side)
        self._rate = sample_rate

    def process(self, block: Samples) -> Samples:
        parts = encoded(block)
        for row, effect in enumerate(self._effects):
            if effect is not None:
                parts[row : row + 1] = effect.process(parts[row : row + 1], self._rate, reset=False)
        return decoded(parts)

    def process_keyed(self, block: Samples, key: Samples) -> Samples:
        raise SmartmixError("mid and side listen to no key")


class _Foreign:
    """A chain file, against the dry sound as late as it."""

    def __init__(self, file: Path, stage: MasterStage, sample_rate: int, channels: int) -> None:
        from smartmix.rack.chain_file import load_chain

        check_chain_amount(stage)
        try:
            self.chain: FileChain = load_chain(file, sample_rate, channels)
        except SmartmixError as error:
            raise SmartmixError(f"chain of stage {stage.id!r}: {error}") from None
        self.latency_frames = self.chain.stream_latency_frames
        self._wet = np.float32(stage.share)
        self._rate = sample_rate
        self._late = np.zeros((channels, self.latency_frames), np.float32)

    def process(self, block: Samples) -> Samples:
        wet = self.chain.process(block, self._rate, reset=False)
        if self._wet == 1.0:
            return wet
        dry = np.concatenate((self._late, block), axis=1)
        self._late = np.ascontiguousarray(dry[:, block.shape[1] :])
        return np.ascontiguousarray(dry[:, : block.shape[1]] + self._wet * (wet - dry[:, : block.shape[1]]))

    def process_keyed(self, block: Samples, key: Samples) -> Samples:
        raise SmartmixError("a chain file listens to no key")


Blocks = Callable[[], Iterator[Samples]]
