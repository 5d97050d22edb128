"""Items that come round, or begin before their file does, as plain clips."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.model import Fades

if TYPE_CHECKING:
    from smartmix.interop.model import Clip

MOST_ROUNDS = 100_000
LONGEST_S = 24.0 * 3600.0
"""Nothing of a song lies further in than a day."""
_SAME_S = 1e-9


def plain_clips(clip: Clip, file_s: float) -> tuple[Clip, ...]:
    """A clip of a file ``file_s`` seconds long as clips that play it once each, one behind the other.

    A looped one starts over at the file's end; one that is not is silent where its file has nothing. Fades stay those
    of the whole. InteropError for a place no song has, or a file that comes round more than 100,000 times.
    """
    end_s = clip.time_s + clip.duration_s
    if not clip.time_s <= end_s <= LONGEST_S or clip.time_s < -LONGEST_S:
        name = clip.name or clip.member
        raise InteropError(f"{name[-80:]}: from {clip.time_s:g} to {end_s:g} s, expected within 24 hours")
    if not clip.looped:
        return (_with_lead(clip),)
    whole = _faded_whole(clip)
    if file_s <= 0.0:
        return ()
    if clip.duration_s > file_s * MOST_ROUNDS:
        raise InteropError(f"{(clip.name or clip.member)[-80:]}: comes round too often")
    start = clip.start_s % file_s
    rounds = max(math.ceil((start + clip.duration_s) / file_s - _SAME_S), 1)
    made = []
    for k in range(rounds):
        first = k * file_s - start
        low, high = max(first, 0.0), min(first + file_s, clip.duration_s)
        made.append(
            replace(
                whole,
                time_s=clip.time_s + low,
                duration_s=high - low,
                start_s=start if k == 0 else 0.0,
                looped=False,
            )
        )
    return tuple(made)


def _with_lead(clip: Clip) -> Clip:
    """A clip that begins before its file starts where the file does."""
    if clip.start_s >= 0.0:
        return clip
    lead = min(-clip.start_s, clip.duration_s)
    return replace(
        _faded_whole(clip), time_s=clip.time_s + lead, duration_s=clip.duration_s - lead, start_s=0.0
    )


def _faded_whole(clip: Clip) -> Clip:
    """The clip with its own fades laid over where it stands now, for pieces that do not fill it."""
    own = Fades(clip.time_s, clip.time_s + clip.duration_s, clip.fade_in_s, clip.fade_out_s)
    return replace(clip, fade_in_s=0.0, fade_out_s=0.0, outer=(*clip.outer, own))
