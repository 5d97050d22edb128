"""Chains of plugins named for a mix: whose they are, where their files lie, fitted to what they will hear."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.automation.compile import MIX
from smartmix.errors import PlanError, SmartmixError
from smartmix.rendering.before_chain import before_chain
from smartmix.suggesters.notes.targets import Names

if TYPE_CHECKING:
    from smartmix.audio.buffer import Samples
    from smartmix.plan import MixPlan
    from smartmix.progress import Progress
    from smartmix.rack.chain_file import DeviceEntry
    from smartmix.rack.file_chain import FileChain
    from smartmix.session import Session

FOLDER = "chains"
"""Where a pass leaves the chains it used, beside plan.toml."""
NONE = "none"


def owned_chains(session: Session, named: Mapping[str, str | Path]) -> dict[str, str]:
    """Chain files by track id, bus id or "mix", for the names a person used: an id, a name, "vocal", "drums", "mix".

    A file is a path or the name of a shipped chain ("vocal_zam"); "none" takes a chain away (""). A name of several
    tracks gives each the chain, a group that is a bus gets it on the bus. PlanError for a name nothing has or a file
    that is not there.
    """
    owned: dict[str, str] = {}
    for name, file in named.items():
        path = "" if str(file) == NONE else str(chain_path(file))
        owned |= dict.fromkeys(_owners(session, name), path)
    return owned


def chain_path(file: str | Path) -> Path:
    """The chain file of this path, or the shipped one of this name."""
    path = Path(file)
    if path.is_file():
        return path.absolute()
    shipped = _shipped()
    for name in (path.name, f"{path.name}.toml"):
        if (shipped / name).is_file():
            return (shipped / name).absolute()
    known = ", ".join(sorted(p.stem for p in shipped.glob("*.toml"))) or "none"
    raise PlanError(f"no chain file {str(file)!r}; shipped chains: {known}")


def _shipped() -> Path:
    packaged = Path(str(resources.files("smartmix") / "presets" / FOLDER))
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "presets" / FOLDER


def _owners(session: Session, name: str) -> list[str]:
    ids = {track.id for track in session.audible_tracks} | {bus.id for bus in session.buses}
    if name in ids or name == MIX:
        return [name]
    meant = Names(session).meant(tuple(name.lower().replace("-", " ").replace("_", " ").split()))
    if meant is None or not meant.tracks:
        raise PlanError(f"no track or bus {name!r} for a chain; there are: {', '.join(sorted(ids))}, {MIX}")
    if meant.label == "the mix":
        return [MIX]
    return [meant.bus] if meant.bus is not None else [track.id for track in meant.tracks]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan with its new chains where they were fitted, and what came of it."""

    plan: MixPlan
    notices: tuple[str, ...] = ()


def prepare_chains(
    session: Session, plan: MixPlan, named: Mapping[str, str], folder: Path, *, progress: Progress
) -> Prepared:
    """Take chains (``owned_chains``) into the plan: fitted to the sound they will get, written to ``folder`` as set.

    Knobs that a chain file sets stay as they are; an intent becomes the settings that were found for it, and the notice
    says how near they come. PlanError for a chain that cannot be used.
    """
    notices: list[str] = []
    chains = dict(plan.chains) | dict(named)
    for number, (owner, file) in enumerate(named.items()):
        if file:
            progress(f"fitting the chain of {owner}", number / len(named))
            try:
                made = _prepared(session, plan, owner, Path(file), folder)
            except SmartmixError as error:
                raise PlanError(f"chain of {owner}: {error}") from None
            chains[owner] = str(made.file)
            notices += made.notices
    return Prepared(replace(plan, chains=chains), tuple(notices))


@dataclass(frozen=True, slots=True)
class _Made:
    file: Path
    notices: tuple[str, ...]


def _prepared(session: Session, plan: MixPlan, owner: str, file: Path, folder: Path) -> _Made:
    from smartmix.rack import fit_chain, load_chain, save_chain
    from smartmix.rack.fitted_file import fitted_file_chain
    from smartmix.workflow.chain_compression import compression_of, meant_for_move

    notices: list[str] = []
    mono = any(track.id == owner and track.channels == 1 for track in session.tracks)
    chain = load_chain(file, session.sample_rate, 1 if mono else 2)
    compression = compression_of(session, plan, owner) if chain.carriers("compression") else None
    if compression is not None or any(entry.intents for entry in chain.file.devices):
        audio = before_chain(session, plan, owner, first=bool(chain.carriers("eq")))
        if compression is not None:
            chain.file = meant_for_move(chain, compression, audio)
        fitted = fit_chain(chain, audio.samples, session.sample_rate, keys=_keys(session, plan, chain))
        notices += [f"{owner}: {fit.text}" for fit in fitted.fits]
        chain = fitted_file_chain(chain, fitted)
    chain.file = replace(
        chain.file, devices=tuple(_settled(each, file.parent) for each in chain.file.devices)
    )
    folder.mkdir(parents=True, exist_ok=True)
    return _Made(save_chain(chain, folder / f"{owner}.toml", force=True), tuple(notices))


def _keys(session: Session, plan: MixPlan, chain: FileChain) -> dict[str, Samples]:
    """The tracks that intents wait for ("while the vocal sings")."""
    from smartmix.rack.intents.intent import SELF, EQIntent

    intents = [intent for entry in chain.file.devices for intent in entry.intents]
    named = {i.during for i in intents if isinstance(i, EQIntent)} - {"", SELF}
    keys: dict[str, Samples] = {}
    for name in sorted(named):
        owners = _owners(session, name)
        parts = [before_chain(session, plan, owner).samples for owner in owners]
        keys[name] = np.concatenate(parts, axis=0)
    return keys


def _settled(entry: DeviceEntry, folder: Path) -> DeviceEntry:
    """An entry with nothing left to fit, and paths that hold wherever its file lies."""
    branches = tuple(
        replace(branch, devices=tuple(_settled(each, folder) for each in branch.devices))
        for branch in entry.branches
    )
    path = str(folder.absolute() / entry.path) if entry.path else ""
    return replace(entry, intents=(), path=path, branches=branches)


def plugin_lines(session: Session, plan: MixPlan, notices: Sequence[str]) -> tuple[str, ...]:
    """Who runs through which devices, then ``notices`` ("owner: sentence") under the names people know."""
    from smartmix.rack.chain_file import read_chain_file

    names = {t.id: t.name for t in session.tracks} | {b.id: b.name for b in session.buses} | {MIX: "The mix"}
    lines = []
    for owner, file in sorted(plan.chains.items()):
        if file and owner in names:
            devices = " → ".join(entry.label or entry.kind for entry in read_chain_file(file).devices)
            lines.append(f"{names[owner]} runs through {devices}")
    for notice in notices:
        owner, colon, rest = notice.partition(": ")
        lines.append(f"{names.get(owner, owner)}{colon}{rest}")
    return tuple(lines)


def hand_over_chains(plan: MixPlan, made: Path, folder: Path) -> MixPlan:
    """Put the chains written to ``made`` into ``folder`` and let the plan name them there."""
    chains = dict(plan.chains)
    if made.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(made.iterdir()):
            shutil.move(file, folder / file.name)
        for owner, file_name in chains.items():
            if file_name and Path(file_name).parent == made:
                chains[owner] = str((folder / Path(file_name).name).absolute())
    return replace(plan, chains=chains)
