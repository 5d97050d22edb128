"""Effects on the way back to REAPER: the chains that are there stay byte for byte, ours come behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartmix.interop.changes import MIX, owner_of
from smartmix.interop.model import Compressor, Equalizer, Loss, Plugin
from smartmix.interop.order import can_be_kept, is_before
from smartmix.interop.regrouped import device_loss
from smartmix.interop.rpp.devices import devices_in, track_effects
from smartmix.interop.rpp.fxchain import MASTER, TRACK, chained, put_effects, runs
from smartmix.interop.rpp.text import Block, made_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.interop.changes import WrittenBack
    from smartmix.interop.model import Device, Project, Track
    from smartmix.interop.rpp.fxchain import FxRun

_SWITCH = {"FXCHAIN": "FX", "MASTERFXLIST": "MASTER_FX"}
_IN_FRONT_OF = {"FXCHAIN": "ITEM", "MASTERFXLIST": "TRACK"}


@dataclass(frozen=True, slots=True)
class _Off:
    """What of a chain that came is to be off: its VST3s, which are not ``here`` any more or were changed, and our own
    ``reworked`` EQ and compressor.
    """

    plugins: bool
    here: bool
    reworked: bool


def put_back(places: Mapping[str, tuple[Track, Block]], project: Project, told: WrittenBack) -> list[Loss]:
    """Put the new devices of a project behind the effects of the file, and switch off what sounds here no more.

    ``places`` has the track that came and its block by the session's id, the master and the whole project by "mix".
    """
    tracks = {owner_of(track): track for track in project.tracks}
    losses: list[Loss] = []
    for id_, (old, block) in places.items():
        if (new := tracks.get(id_)) is None:
            continue
        gone = id_ in told.unchained
        off = _Off(gone or id_ in told.rechained, not gone, id_ in told.reworked)
        losses += _put(block, MASTER if id_ == MIX else TRACK, new, old.name, off)
    return losses


def _put(block: Block, tag: str, new: Track, name: str, off: _Off) -> list[Loss]:
    fresh, left = track_effects(new)
    chain = block.block(tag)
    losses = [device_loss(name, device.name) for device in left]
    if chain is not None:
        losses += _switch_off(chain, name, off)
    if not fresh:
        return losses
    owner = "smartmix." + ("master" if tag == MASTER else (block.head.words[1:] or [new.id])[0])
    if chain is not None:
        losses += _switch_on(block, chain, name)
        _put_in(chain, new, owner, name)
        return losses
    made = chained(tag, fresh, owner, len(block.head.indent) // 2 + 1, block.head.end or b"\n")
    at = [i for i, p in enumerate(block.parts) if isinstance(p, Block) and p.key == _IN_FRONT_OF[tag]]
    block.parts.insert(at[0] if at else len(block.parts), made)
    return losses


def _put_in(chain: Block, new: Track, owner: str, name: str) -> None:
    """New effects into a chain, each where smartmix plays it, else behind what is there."""
    there = [(run, device) for run in runs(chain) if (device := _one(run, name)) is not None]
    for device in new.devices:
        bench = Block(chain.head)
        put_effects(bench, track_effects(replace(new, devices=(device,)))[0], owner, len(runs(chain)))
        target = next((run for run, old in there if is_before(device, old)), None)
        at = len(chain.parts)
        if target is not None:
            at = next(i for i, part in enumerate(chain.parts) if part is target.parts[0])
        chain.parts[at:at] = bench.parts


def _switch_off(chain: Block, name: str, off: _Off) -> list[Loss]:
    """Bypass effects of the file that sound otherwise here, and say so."""
    losses: list[Loss] = []
    for run in runs(chain):
        device = _one(run, name)
        if device is None or not device.enabled:
            continue
        own = isinstance(device, Equalizer | Compressor)
        plugin = isinstance(device, Plugin) and can_be_kept(device)
        if not ((own and off.reworked) or (plugin and off.plugins)):
            continue
        _bypass(run, chain)
        done = "switched off there; what it does now stands behind it"
        if plugin and not off.here:
            losses.append(
                Loss(name, f"{device.name} is not in its chain here any more", "switched off there too")
            )
        else:
            losses.append(Loss(name, f"{device.name} was changed here", done))
    return losses


def _switch_on(block: Block, chain: Block, name: str) -> list[Loss]:
    """A chain that is off as a whole goes on, with its own effects off one by one: it sounds as before."""
    switch = block.line(_SWITCH[chain.key])
    if switch is None or switch.words[1:2] != ["0"]:
        return []
    switch.put(1, "1")
    for run in runs(chain):
        _bypass(run, chain)
    return [Loss(name, "its effects were off as a whole", "each is off by itself now, the new ones are on")]


def _one(run: FxRun, name: str) -> Device | None:
    holder = Block(made_line("<FXCHAIN", depth=0), list(run.parts))
    devices = devices_in(holder, name, is_on=True)[0]
    return devices[0] if devices else None


def _bypass(run: FxRun, chain: Block) -> None:
    line = run.line("BYPASS")
    if line is not None:
        line.put(1, "1")
        return
    made = made_line("BYPASS", "1", "0", "0", depth=0, end=chain.head.end or b"\n")
    made.raw = chain.head.indent + b"  " + made.raw
    chain.parts.insert(next(i for i, part in enumerate(chain.parts) if part is run.device), made)
