"""Takes, versions and alternates of one part: the newest plays, the older ones are muted and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.session.comparison import same_part
from smartmix.session.findings import plain_name
from smartmix.session.gathering import stem_of
from smartmix.session.track_names import version_of

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.session import Track

SAME_TOGETHER = 0.6
"""Takes of one part sound at the same times for at least this share of the time either sounds (house)."""
SAME_CONTENT = 0.35
"""And their bands move alike by this much: other parts of the dev songs that play together stay under 0.2, apart from
tracks that do hold the same recording; a second take of a sung part measures about 0.6 (demo singers)."""
_LOSSY = frozenset({".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".mp4"})


def mute_older_versions(gathering: Gathering) -> None:
    """Of files with equal names but for their version marks, and the same part in them, play the newest.

    "Vox_v2" before "Vox_v1", "FINAL(2)" before "FINAL", a comp before its takes, a lossless file before its MP3. An
    alternate beside a main one is muted and asked about. Equal names with different parts stay as they are.
    """
    groups: dict[tuple[str, ...], list[Track]] = {}
    for track in gathering.audible:
        groups.setdefault((str(track.path.parent), *version_of(stem_of(track)).key), []).append(track)
    for group in groups.values():
        marked = any(version_of(stem_of(t)).marks for t in group)
        copies = len({t.path.stem for t in group}) < len(group)
        if len(group) > 1 and (marked or copies):
            _keep_newest(gathering, group)


def _keep_newest(gathering: Gathering, group: list[Track]) -> None:
    ranked = sorted(group, key=lambda t: (version_of(stem_of(t)).rank, t.path.suffix.lower() not in _LOSSY))
    waiting = ranked[::-1]
    while len(waiting) > 1:
        newest, *others = waiting
        older = [t for t in others if "muted" not in t.told and _same(gathering, newest, t)]
        for track in older:
            _mute_older(gathering, newest, track)
        if older:
            _plain_id_to(gathering, newest, older)
        waiting = [t for t in others if t not in older]


def _mute_older(gathering: Gathering, newest: Track, older: Track) -> None:
    old, new = plain_name(older.path.name), plain_name(newest.path.name)
    marks = version_of(stem_of(older)).marks
    if "alt" in marks:
        text = f"{old} is an alternate of {new} and is muted: should it play instead, or as well?"
        gathering.mute(older, text, also=[newest], question=True)
    else:
        gathering.mute(older, f"{old} is muted: {new} is the newer version of the same part", also=[newest])


def _same(gathering: Gathering, first: Track, second: Track) -> bool:
    ear = gathering.ear
    part = same_part(ear.mono(first), ear.mono(second), (ear.sounds(first), ear.sounds(second)))
    return part is not None and part.together >= SAME_TOGETHER and part.content >= SAME_CONTENT


def _plain_id_to(gathering: Gathering, newest: Track, older: list[Track]) -> None:
    """The version that plays gets the plain id, so that decisions about the part outlive the next version."""
    holders = [t for t in (newest, *older) if "id" not in t.told]
    plain = min((t.id for t in holders), key=lambda i: (len(i), i), default=newest.id)
    holder = next((t for t in holders if t.id == plain), newest)
    if holder is newest or newest not in holders:
        return
    swapped = {newest.id: plain, plain: newest.id}
    starts = dict(gathering.starts_s)
    gathering.tracks = [_renamed(t, swapped) for t in gathering.tracks]
    gathering.starts_s = {swapped.get(i, i): s for i, s in starts.items()}
    gathering.notices.rename(swapped)


def _renamed(track: Track, ids: dict[str, str]) -> Track:
    from dataclasses import replace

    return replace(track, id=ids[track.id]) if track.id in ids else track
