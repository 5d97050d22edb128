"""Effects on the way back to REAPER: the chains that are there stay byte for byte, ours come behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.interop.model import Compressor, Equalizer, Loss, Plugin
from smartmix.interop.plugin_chains import CHAINS, PREFIX, can_be_kept
from smartmix.interop.rpp.devices import devices_in, track_effects
from smartmix.interop.rpp.fxchain import MASTER, TRACK, chained, put_effects, runs
from smartmix.interop.rpp.text import Block, made_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smartmix.interop.changes import WrittenBack
    from smartmix.interop.model import Device, Project, Track
    from smartmix.interop.rpp.fxchain import FxRun

_SWITCH = {"FXCHAIN": "FX", "MASTERFXLIST": "MASTER_FX"}
_IN_FRONT_OF = {"FXCHAIN": "ITEM", "MASTERFXLIST": "TRACK"}


def put_back(
    whole: Block,
    project: Project,
    told: WrittenBack,
    places: Mapping[str, tuple[Track, Block]],
    session: Path,
) -> list[Loss]:
    """Put the new devices of a project behind the effects of the file, and switch off what sounds here no more.

    ``whole`` is the file's project; ``places`` the track that came and its block, by the session's id; ``session`` the
    folder of the import, where the chain files lie that it made.
    """
    tracks = {track.source: track for track in project.tracks if track.source}
    rows = [(id_, tracks[id_], old, block, TRACK) for id_, (old, block) in places.items() if id_ in tracks]
    own = next((track for track in project.tracks if track.kind == "master"), None)
    if own is not None:
        rows.append(("mix", own, own, whole, MASTER))
    losses: list[Loss] = []
    for id_, new, old, block, tag in rows:
        came = (session / CHAINS / f"{PREFIX}{id_}.toml").is_file()
        dropped = came and id_ not in told.chained
        losses += _put(block, tag, new, old.name, gone=(dropped, id_ in told.reworked))
    return losses


def _put(block: Block, tag: str, new: Track, name: str, *, gone: tuple[bool, bool]) -> list[Loss]:
    """``gone``: whether the chain that came of its VST3s is not used any more, and whether a person changed the EQ or
    the compressor that came: these are switched off.
    """
    dropped, reworked = gone
    fresh, left = track_effects(new)
    chain = block.block(tag)
    losses = [device_loss(name, device.name) for device in left]
    if dropped and chain is not None:
        done = "switched off there too; it is still in its place"
        silenced = _switch_off_vst3(chain, name)
        losses += [Loss(name, f"{each} is not in its chain here any more", done) for each in silenced]
    if reworked and chain is not None:
        done = "switched off there; what it does now stands behind it"
        losses += [Loss(name, f"{each} was changed here", done) for each in _switch_off_own(chain, name)]
    if not fresh:
        return losses
    owner = "smartmix." + ("master" if tag == MASTER else (block.head.words[1:] or [new.id])[0])
    if chain is not None:
        losses += _switch_on(block, chain, name)
        put_effects(chain, fresh, owner)
        return losses
    made = chained(tag, fresh, owner, len(block.head.indent) // 2 + 1, block.head.end or b"\n")
    at = [i for i, p in enumerate(block.parts) if isinstance(p, Block) and p.key == _IN_FRONT_OF[tag]]
    block.parts.insert(at[0] if at else len(block.parts), made)
    return losses


def device_loss(where: str, name: str) -> Loss:
    """What is said of a device that another's file does not get."""
    return Loss(where, f"the new device {name}", "it is not put into the imported file")


def _switch_on(block: Block, chain: Block, name: str) -> list[Loss]:
    """A chain that is off as a whole goes on, with its own effects off one by one: it sounds as before."""
    switch = block.line(_SWITCH[chain.key])
    if switch is None or switch.words[1:2] != ["0"]:
        return []
    switch.put(1, "1")
    for run in runs(chain):
        _bypass(run, chain)
    return [Loss(name, "its effects were off as a whole", "each is off by itself now, the new ones are on")]


def _switch_off_vst3(chain: Block, name: str) -> list[str]:
    """Bypass the VST3s that a chain file held; their names."""
    found = []
    for run in runs(chain):
        device = _one(run, name)
        if isinstance(device, Plugin) and device.enabled and can_be_kept(device):
            _bypass(run, chain)
            found.append(device.name)
    return found


def _switch_off_own(chain: Block, name: str) -> list[str]:
    """Bypass the equalisers and compressors of ours; their names."""
    found = []
    for run in runs(chain):
        device = _one(run, name)
        if isinstance(device, Equalizer | Compressor) and device.enabled:
            _bypass(run, chain)
            found.append(device.name)
    return found


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
