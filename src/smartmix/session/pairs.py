"""Left and right files: the two sides of one stereo recording, or two performances that happen to be panned apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.session.comparison import coherence
from smartmix.session.findings import plain_name
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.session.track_names import SideName, side_of

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering

LENGTH_TOLERANCE_S = 0.05
DOUBLED_FAMILIES = frozenset({"guitars", "vocals", "bass"})
"""Players who double their part left and right."""
PAIR_COHERENCE = {"doubled": 0.35, "unknown": 0.2, "other": 0.02, "split file": 0.0}
"""Coherence from which two sides are one recording. Doubled takes measure under 0.1 (demo, constructed cases), stereo
drums and pianos 0.3 to 1; wide pads and effects may measure 0.05 (dev songs), so that what players never double is kept
apart only when it shares nothing, and the ".L"/".R" of a workstation never (house)."""
SAME_SOUND = 0.98


def pair_sides(gathering: Gathering) -> None:
    """Make one stereo track of each pair of mono files that are the two sides of one recording.

    By name first ("OH L"/"OH R", ".L"/".R", "(Left)"/"(Right)"), with equal rate and length, then by listening: sides
    of one recording are coherent. Doubled parts stay two tracks in one group, to be panned apart. Both are said.
    Files a person lists as two tracks stay two; ``right_file`` in session.toml makes a pair.
    """
    sides: dict[tuple[object, ...], dict[str, list[tuple[Track, SideName]]]] = {}
    for track in gathering.tracks:
        name = side_of(track.path.stem)
        if name and track.channels == 1 and track.right_path is None:
            place = (track.path.parent, name.key, track.sample_rate)
            sides.setdefault(place, {}).setdefault(name.side, []).append((track, name))
    for found in sides.values():
        left, right = found.get("left", []), found.get("right", [])
        if len(left) == len(right) == 1 and _may_pair(gathering, left[0][0], right[0][0]):
            _decide(gathering, *left[0], right[0][0])


def _may_pair(gathering: Gathering, left: Track, right: Track) -> bool:
    apart_s = abs(left.frames - right.frames) / left.sample_rate
    starts = [gathering.starts_s.get(t.id, 0.0) for t in (left, right)]
    told = "listed" in left.told and "listed" in right.told
    return apart_s <= LENGTH_TOLERANCE_S and abs(starts[0] - starts[1]) < 0.001 and not told and (
        left.muted == right.muted
    )  # fmt: skip


def _decide(gathering: Gathering, left: Track, name: SideName, right: Track) -> None:
    likeness = _coherence(gathering, left, right)
    needed = _needed(left, name)
    files = f"{plain_name(left.path.name)} and {plain_name(right.path.name)}"
    group = left.group or plain_name(name.base)
    if likeness is None and needed == PAIR_COHERENCE["doubled"]:
        text = f"{files} never sound together long enough to compare: left as two tracks"
        gathering.notices.add(text, "kept", (left.id, right.id))
        return
    if likeness is not None and likeness < needed:
        for track in (left, right):
            gathering.change(track, group=track.group or group)
        text = (
            f"{files} are two performances, not one stereo recording ({100 * likeness:.0f} % coherent): "
            "left as two tracks to pan apart"
        )
        gathering.notices.add(text, "kept", (left.id, right.id))
        return
    _join(gathering, left, right, name, _reason(likeness))


def _reason(likeness: float | None) -> str:
    if likeness is None:
        return "by their names"
    if likeness > SAME_SOUND:
        return "their sides are nearly the same"
    return f"{100 * likeness:.0f} % coherent"


def _needed(track: Track, name: SideName) -> float:
    if name.split_file:
        return PAIR_COHERENCE["split file"]
    of = family(track.role)
    kind = "doubled" if of in DOUBLED_FAMILIES else "unknown" if of == "unknown" else "other"
    return PAIR_COHERENCE[kind]


def _coherence(gathering: Gathering, left: Track, right: Track) -> float | None:
    ear = gathering.ear
    both = ear.sounds(left) & ear.sounds(right)
    return coherence(ear.mono(left), ear.mono(right), both)


def _join(gathering: Gathering, left: Track, right: Track, name: SideName, why: str) -> None:
    """The right side joins the left; the pair keeps what a person said about either."""
    from smartmix.session.ids import slug, unique_id

    told = left if left.told or not right.told else right
    others = [t.id for t in gathering.tracks if t.id not in (left.id, right.id)]
    track_id = told.id if "id" in told.told else unique_id(slug(name.base), others)
    named = told.name != plain_name(told.path.stem)
    paired = gathering.change(
        left, id=track_id, name=told.name if named else plain_name(name.base), right_path=right.path, channels=2,
        frames=max(left.frames, right.frames), role=told.role, role_source=told.role_source, group=told.group,
        priority=told.priority, protect=told.protect, locked=told.locked, muted=told.muted,
        gain_db=told.gain_db, pan=told.pan, told=told.told,
    )  # fmt: skip
    gathering.drop(right)
    start_s = gathering.starts_s.pop(left.id, 0.0)
    gathering.starts_s.pop(right.id, None)
    gathering.starts_s[track_id] = start_s
    gathering.notices.rename({left.id: track_id, right.id: track_id})
    text = f"{plain_name(left.path.name)} and {plain_name(right.path.name)} are one stereo track, {paired.name} ({why})"
    gathering.notices.add(text, "paired", (track_id,))
