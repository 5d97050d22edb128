"""Where the tracks of a REAPER project run: folders, sends, and tracks that reach the mix by a send alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.model import Loss, Send, Track
from smartmix.interop.rpp.envelopes import Mode, level, mode_of, number_at
from smartmix.interop.rpp.text import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = "-own"
"""How the id of a track ends that holds the items of a folder."""
_POST_FADER = 0
_PLAIN = {3: 0.0, 5: 0.0, 6: 0.0, 7: 0.0, 8: 0.0}
"""Words of AUXRECV as they stand in a plain stereo send: pan, mono, polarity, channels from and to."""


def foldered(tracks: Sequence[Track], blocks: Sequence[Block]) -> tuple[list[Track], list[Loss]]:
    """The tracks with their groups. A folder that holds sound keeps it as its first member."""
    open_groups: list[str] = []
    found: list[Track] = []
    losses: list[Loss] = []
    for track, block in zip(tracks, blocks, strict=True):
        change = int(number_at(block.words("ISBUS"), 1, 0.0, f"{track.name}: ISBUS"))
        parent = open_groups[-1] if open_groups else None
        if change > 0:
            found.append(replace(track, kind="group", parent=parent, clips=()))
            open_groups.append(track.id)
            if track.clips:
                said = "items on a folder", "a track of their own inside it; past the folder's effects"
                losses.append(Loss(track.name, *said))
                found.append(Track(f"{track.id}{OWN}", track.name, parent=track.id, clips=track.clips))
            continue
        found.append(replace(track, parent=parent))
        del open_groups[max(len(open_groups) + change, 0) :]
    return found, losses


def routed(
    tracks: Sequence[Track], blocks: Sequence[Block], over: Mode | None
) -> tuple[list[Track], list[Loss]]:
    """The tracks with their sends, and without what does not reach the mix.

    A track without its master send is heard through its one send if that is plain and at 0 dB: the track it goes to
    becomes its group. InteropError for a send from a track that is not there.
    """
    rows = [track for track in tracks if not track.id.endswith(OWN)]
    sends: dict[str, list[Send]] = {}
    plain: set[tuple[str, str]] = set()
    for track, block in zip(rows, blocks, strict=True):
        _take_sends(rows, track, block, over=over, sends=sends, plain=plain)
    found = [replace(t, sends=tuple(sends.get(t.id, ()))) for t in tracks]
    losses: list[Loss] = []
    for track, block in zip(rows, blocks, strict=True):
        if block.words("MAINSEND")[:1] == ["0"]:
            found, said = _without_main(found, track.id, plain)
            losses += said
    return found, losses


def _take_sends(
    rows: Sequence[Track],
    track: Track,
    block: Block,
    *,
    over: Mode | None,
    sends: dict[str, list[Send]],
    plain: set[tuple[str, str]],
) -> None:
    """The sends that arrive on a track, kept with those they come from."""
    gain, mode, last = 1.0, Mode(), None
    for part in block.parts:
        if isinstance(part, Block):
            if part.key == "AUXVOLENV" and last is not None:
                mine = sends[last]
                mine[-1] = replace(mine[-1], level=level(gain, part, mode, f"{track.name}: AUXVOLENV"))
                plain.discard((last, track.id))
            continue
        if part.key != "AUXRECV":
            continue
        words, what = part.words[1:], f"{track.name}: AUXRECV"
        index = int(number_at(words, 0, -1.0, what))
        if not 0 <= index < len(rows):
            raise InteropError(f"{what}: from track {index}, expected one of {len(rows)}")
        gain, last = number_at(words, 2, 1.0, what), rows[index].id
        own = int(number_at(words, 11, -1.0, what))
        mode = Mode(own) if over is None and own >= 0 else mode_of([], over, what)
        pre, on = number_at(words, 1, 0.0, what) != _POST_FADER, number_at(words, 4, 0.0, what) == 0.0
        sends.setdefault(last, []).append(Send(track.id, level(gain, None, mode, what), pre, on))
        if (
            on
            and not pre
            and gain == 1.0
            and all(number_at(words, k, v, what) == v for k, v in _PLAIN.items())
        ):
            plain.add((last, track.id))


def _without_main(
    tracks: list[Track], track_id: str, plain: set[tuple[str, str]]
) -> tuple[list[Track], list[Loss]]:
    """The tracks, where one does not run into what is above it."""
    at = next(i for i, t in enumerate(tracks) if t.id == track_id)
    track = tracks[at]
    live = [send for send in track.sends if send.enabled]
    to = live[0].to if len(live) == 1 and (track_id, live[0].to) in plain else None
    if to is not None and track_id not in _above(tracks, to):
        kept = tuple(send for send in track.sends if send is not live[0])
        tracks[at] = replace(track, parent=to, sends=kept)
        place = next(i for i, t in enumerate(tracks) if t.id == to)
        target = tracks[place]
        if target.kind == "audio" and not target.clips:
            tracks[place] = replace(target, kind="group")
        if tracks[place].kind == "group":
            return tracks, []
        tracks[at] = track
    tracks[at] = replace(tracks[at], muted=True)
    return tracks, [
        Loss(track.name, "it reaches the mix by its sends alone", "muted here, which the sends are not")
    ]


def _above(tracks: Sequence[Track], track_id: str) -> list[str]:
    """A track and the groups above it."""
    parents = {t.id: t.parent for t in tracks}
    found: list[str] = []
    at: str | None = track_id
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found
