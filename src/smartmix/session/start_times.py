"""Where tracks begin: the time stamps recorders write into Broadcast Wave files, believed where they make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.audio.broadcast import time_reference
from smartmix.session.findings import plain_name

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.session import Track

LONGEST_GAP_S = 60.0
"""Stamps that leave more than this between one file's end and the next one's start are not of one song (house)."""
SAME_START_S = 0.0005
LONGEST_DAY_S = 100_000.0


def place_by_time_stamps(gathering: Gathering) -> None:
    """Set where each track begins from its BWF time stamp, against the earliest of the song.

    Only when stamps differ. Files without one begin with the song. A stamp hours away from the rest (a bounce at
    midnight, another day's session) is said and not obeyed. ``offset_s`` in session.toml wins.
    """
    stamps = _stamps(gathering)
    if len(stamps) < 2:
        return
    song = _largest_cluster(gathering, stamps)
    zero = min(stamps[i] for i in song)
    tracks = {t.id: t for t in gathering.tracks}
    strays = [tracks[i] for i in stamps if i not in song]
    moved = [tracks[i] for i in stamps if i in song and stamps[i] - zero > SAME_START_S]
    for track in moved:
        gathering.starts_s[track.id] = stamps[track.id] - zero
    if moved:
        places = ", ".join(f"{plain_name(t.path.name)} at {_clock(stamps[t.id] - zero)}" for t in moved)
        gathering.notices.add(
            f"placed by the start times in the files: {places}", "moved", tuple(t.id for t in moved)
        )
    for track in strays:
        text = (
            f"{plain_name(track.path.name)} is stamped {_clock(abs(stamps[track.id] - zero))} "
            f"{'after' if stamps[track.id] > zero else 'before'} the other files; that is not obeyed, "
            "it begins with the song: is that right? If not say offset_s in session.toml"
        )
        gathering.notices.add(text, "asked", (track.id,), question=True)
    gathering.listen_anew()


def _stamps(gathering: Gathering) -> dict[str, float]:
    """Start of each track on the recorder's clock, seconds; only of tracks no person has placed."""
    found: dict[str, float] = {}
    for track in gathering.tracks:
        stamp = None if "offset_s" in track.told else time_reference(track.path)
        if stamp is not None:
            found[track.id] = stamp / track.sample_rate
    return found


def _largest_cluster(gathering: Gathering, stamps: dict[str, float]) -> set[str]:
    """Tracks whose stamps lie in one stretch of time without a long gap: the stretch with most, of two the longer."""
    length = {t.id: t.frames / t.sample_rate for t in gathering.tracks}
    clusters: list[tuple[list[str], float]] = []
    for track_id in sorted(stamps, key=lambda i: (stamps[i], i)):
        start, end = stamps[track_id], stamps[track_id] + length[track_id]
        if start > LONGEST_DAY_S:
            clusters.append(([track_id], end))
        elif clusters and start - clusters[-1][1] <= LONGEST_GAP_S:
            members, last = clusters[-1]
            clusters[-1] = ([*members, track_id], max(last, end))
        else:
            clusters.append(([track_id], end))
    best = max(clusters, key=lambda c: (len(c[0]), sum(length[i] for i in c[0])))
    return set(best[0])


def _clock(seconds: float) -> str:
    """1:02.345 up to an hour, then hours in words."""
    if seconds < 3600.0:
        return f"{int(seconds // 60)}:{seconds % 60:06.3f}"
    return f"{seconds / 3600.0:.1f} hours" if seconds < LONGEST_DAY_S else "more than a day"


def has_time_stamp(track: Track) -> bool:
    """Whether the file of a track carries a start time."""
    return time_reference(track.path) is not None
