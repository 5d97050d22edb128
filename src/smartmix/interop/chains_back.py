"""Chains that an import made of a DAW's plugins: whether they still are what came, were changed, or are gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.interop.changes import MIX
from smartmix.interop.model import Plugin
from smartmix.interop.order import can_be_kept
from smartmix.interop.plugin_chains import CHAINS, PREFIX, chain_as_it_came

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.interop.model import Project, Track
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session


@dataclass(frozen=True, slots=True)
class ChainsSince:
    """Owners (session ids, "mix" for the master) whose chain came with the import and was ``changed`` since, or is
    ``gone`` from the plan. The chains of all others are what the DAW has.
    """

    changed: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @classmethod
    def of(cls, session: Session, plan: MixPlan, before: Project, ids: Mapping[str, str]) -> ChainsSince:
        """``before`` is the project that came in, ``ids`` its track ids by the session's."""
        changed, gone = set(), set()
        muted = {track.id for track in session.tracks if track.muted}
        for owner, track in _owners(before, ids).items():
            # Of a track that is muted by now the mix does not say what its chain does.
            if owner in muted or not _came(session.root, owner, track):
                continue
            if Path(plan.chains.get(owner, "")).name != f"{PREFIX}{owner}.toml":
                gone.add(owner)
            elif not chain_as_it_came(session.root, owner, track):
                changed.add(owner)
        return cls(frozenset(changed), frozenset(gone))


def _owners(before: Project, ids: Mapping[str, str]) -> dict[str, Track]:
    """The tracks that came by the session's ids, the master by "mix"."""
    by_id = {track.id: track for track in before.tracks}
    owners = {mine: by_id[theirs] for mine, theirs in ids.items() if theirs in by_id}
    owners = {mine: track for mine, track in owners.items() if track.kind != "master"}
    masters = [track for track in before.tracks if track.kind == "master"]
    return {**owners, MIX: masters[0]} if masters else owners


def _came(folder: Path, owner: str, track: Track) -> bool:
    """Whether an import made a chain of a track's plugins."""
    if (folder / CHAINS / f"{PREFIX}{owner}.toml").is_file():
        return True
    on = any(isinstance(d, Plugin) and d.enabled and can_be_kept(d) for d in track.devices)
    return on and track.kind == "audio" and bool(track.clips) and not track.muted
