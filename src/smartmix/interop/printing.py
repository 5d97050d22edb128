"""Prints: what a format cannot say, as sound on tracks of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.audio.wav import WavWriter
from smartmix.interop.model import Clip, Project, Track
from smartmix.progress import part, silent
from smartmix.rendering import stream_before_fader, stream_return
from smartmix.session.source import source_info

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.audio.buffer import Samples
    from smartmix.interop.bench import Shelf
    from smartmix.interop.from_plan import Handover
    from smartmix.plan.mixplan import MixPlan
    from smartmix.progress import Progress
    from smartmix.session.session import Session


def with_prints(
    handover: Handover, session: Session, plan: MixPlan, shelf: Shelf, progress: Progress | None = None
) -> Project:
    """The project with a print beside each track it cannot tell in full, and one for each effect return.

    A track's print is what comes to its fader, from 0:00, 32-bit float; it lies muted behind the track, with the same
    fader, pan, sends and group. A return's print is what the return brings to the mix, in front of the mix's own EQ,
    which the master has; it plays, and the empty return is muted.
    """
    report = progress or silent
    prints: dict[str, Track] = {}
    todo = len(handover.printed) + len(handover.returns)
    for number, track_id in enumerate((*handover.printed, *handover.returns)):
        step = part(report, number / todo, (number + 1) / todo)
        original = handover.project.track(handover.names[track_id])
        if track_id in handover.returns:
            prints[original.id] = _return_print(original, session, plan, track_id, shelf=shelf, step=step)
        else:
            mono = source_info(session.track(track_id)).channels == 1
            blocks = stream_before_fader(session, plan, track_id, progress=step)
            clip = _printed(original.name, blocks, 1 if mono else 2, session.sample_rate, shelf)
            prints[original.id] = replace(
                original,
                id=f"{original.id}-print",
                name=f"{original.name} (print)",
                clips=(clip,),
                polarity="normal",
                trim=type(original.trim)(),
                devices=(),
                muted=True,
                comment=f"{original.name} as smartmix plays it, in front of its fader; mute one of the two",
                channels=clip.channels,
                print_of=original.id,
                source="",
            )
    tracks: list[Track] = []
    for track in handover.project.tracks:
        tracks += [track, prints[track.id]] if track.id in prints else [track]
    return replace(handover.project, tracks=tuple(tracks))


def _return_print(
    original: Track, session: Session, plan: MixPlan, return_id: str, *, shelf: Shelf, step: Progress
) -> Track:
    blocks = stream_return(session, plan, return_id, behind_mix=False, progress=step)
    clip = _printed(original.name, blocks, 2, session.sample_rate, shelf)
    return Track(
        id=f"{original.id}-print",
        name=f"{original.name} (print)",
        clips=(clip,),
        comment="What the return brings to the mix, its fader included; mute it when your own effect plays",
        print_of=original.id,
    )


def _printed(name: str, blocks: Iterable[Samples], channels: int, sample_rate: int, shelf: Shelf) -> Clip:
    path = shelf.free(f"{name} print")
    with WavWriter(path, sample_rate, channels) as writer:
        for block in blocks:
            writer.write(block[:channels])
    return Clip(
        time_s=0.0,
        duration_s=writer.frames / sample_rate,
        file=path,
        name=path.stem,
        sample_rate=sample_rate,
        channels=channels,
        frames=writer.frames,
    )
