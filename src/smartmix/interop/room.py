"""Whether what an import would write finds room, and which clips make it so long."""

from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.audio.io import probe
from smartmix.errors import AudioError, InteropError
from smartmix.figures import format_time
from smartmix.interop.looping import LONGEST_S
from smartmix.interop.model import Loss

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smartmix.interop.model import Clip, Project, Track

LEFT_FREE_BYTES = 512 << 20
"""What stays free on a disk (house)."""
MOST_STRAY_BYTES = 2 << 30
"""What may be written because of a clip that is likely forgotten (house)."""
_SAMPLE_BYTES = 4
_STRAY_S, _STRAY_TIMES = 600.0, 2.0
"""A clip this far behind everything else, and this many times further in than that, is likely forgotten."""


def check_room(project: Project, folder: Path, *, rough: bool) -> None:
    """InteropError where the tracks from 0:00 to their ends, and their mix, would fill the disk of ``folder``."""
    ends = {track.id: _end_s(track) for track in project.tracks}
    sounding = [track for track in project.tracks if ends[track.id] > 0.0]
    if not sounding:
        return
    second = _SAMPLE_BYTES * project.sample_rate
    last = max(sounding, key=lambda track: ends[track.id])
    need = sum(ends[track.id] * _channels(track) * second for track in sounding)
    need += (rough + _renders(project, ends)) * 2 * ends[last.id] * second
    strays = stray_losses(project)
    if strays and need > MOST_STRAY_BYTES:
        raise InteropError(
            f"{strays[0].where}: {strays[0].what}: the tracks from 0:00 on would take {need / 1e9:.1f} GB; take it out "
            "in the DAW, or move it"
        )
    free = shutil.disk_usage(folder).free - LEFT_FREE_BYTES
    if need > free:
        raise InteropError(
            f"its tracks from 0:00 on would take {need / 1e9:.1f} GB, and {max(free, 0) / 1e9:.1f} GB are free: "
            f"the last to end is {last.name}, at {format_time(ends[last.id])}; take out what lies too far in, or "
            "free some space"
        )


def _renders(project: Project, ends: Mapping[str, float]) -> int:
    """How many stereo files returns take: each send to one, their sum, and its effects twice."""
    fed = [send.to for track in project.tracks for send in track.sends if send.enabled]
    returns = [track.id for track in project.tracks if track.kind != "master" and not ends[track.id]]
    return sum(3 + fed.count(id_) for id_ in returns if id_ in fed)


def stray_losses(project: Project) -> list[Loss]:
    """Clips that lie far behind everything else: the song is that long because of them."""
    rows = sorted(
        ((clip.time_s, _clip_end_s(clip), track.name) for track in project.tracks for clip in track.clips),
        key=lambda row: row[0],
    )
    end_s = 0.0
    for (_, before_s, _), (start_s, _, name) in pairwise(rows):
        end_s = max(end_s, before_s)
        if start_s - end_s > max(_STRAY_S, _STRAY_TIMES * end_s):
            what = f"a clip at {format_time(start_s)}, {format_time(start_s - end_s)} behind everything in front of it"
            return [Loss(name, what, "the song is that long; take it out in the DAW if it is forgotten")]
    return []


def _end_s(track: Track) -> float:
    return max((_clip_end_s(clip) for clip in track.clips), default=0.0)


def _clip_end_s(clip: Clip) -> float:
    """Where a clip falls silent; 0 for one that nobody hears, or at a place that is refused elsewhere."""
    if clip.file is None or clip.muted or clip.time_s + clip.duration_s > LONGEST_S:
        return 0.0
    try:
        info = probe(clip.file)
    except AudioError:
        return 0.0
    there_s = info.frames / info.sample_rate - clip.start_s
    return clip.time_s + (clip.duration_s if clip.looped else min(clip.duration_s, max(there_s, 0.0)))


def _channels(track: Track) -> int:
    found = [probe(clip.file).channels for clip in track.clips if clip.file is not None and not clip.muted]
    return min(max(found, default=1), 2)
