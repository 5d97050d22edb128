"""Who listens to whom: dynamics of a strip that are keyed by another track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartmix.automation.dynamics import Dynamics
    from smartmix.session.session import Session

Gathered = dict[tuple[str, str], list["Dynamics"]]
"""What moves ask of a device ("compressor", "dynamic_eq.band1") of a track."""


def leave_out_silent(session: Session, dynamics: Gathered) -> list[str]:
    """Take out what listens to a muted track, for nothing gives way to a track that does not play, and say so.
    PlanError for a key that is no track.
    """
    tracks = {track.id: track for track in session.tracks}
    said = []
    for (name, device), moves in dynamics.items():
        for move in moves:
            if move.key and move.key not in tracks:
                raise PlanError(
                    f"move {move.move_id}: {device} of {name} listens to {move.key!r}, which is no track; tracks: "
                    f"{', '.join(tracks)}"
                )
            if move.key and tracks[move.key].muted:
                what = device.replace("dynamic_eq.", "dynamic EQ, ")
                said.append(
                    f"{tracks[name].name}: {what} listens to {tracks[move.key].name}, which is muted, and does nothing"
                )
        moves[:] = [m for m in moves if not m.key or not tracks[m.key].muted]
    return said


def keys_of_strip(
    dynamics: Mapping[tuple[str, str], Sequence[Dynamics]], track_id: str, sample_rate: float, scale: float
) -> dict[str, str]:
    """What of a strip listens to which other track; PlanError where moves do not agree about it."""
    keys = {
        device: _key(moves, sample_rate, scale)
        for (track, device), moves in dynamics.items()
        if track == track_id
    }
    return {device: key for device, key in keys.items() if key}


def _key(moves: Sequence[Dynamics], sample_rate: float, scale: float) -> str:
    working = [m for m in moves if m.works(sample_rate, scale)]
    for move in working[1:]:
        if move.key != working[0].key:
            raise PlanError(
                f"moves {working[0].move_id} and {move.move_id}: {move.device} listens to "
                f"{working[0].key or 'itself'} and to {move.key or 'itself'}; it has one key for the whole song"
            )
    return working[0].key if working else ""
