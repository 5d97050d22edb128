"""The sound files of a hand-over: those that no DAW reads as they lie here are written anew, in their own rate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.audio import io
from smartmix.audio.wav import WavWriter
from smartmix.interop.model import Loss
from smartmix.session.source import source_info, stream_source

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from smartmix.interop.bench import Shelf
    from smartmix.interop.model import Clip, Project
    from smartmix.interop.model import Track as ModelTrack
    from smartmix.session.session import Session, Track

READABLE = frozenset({".wav", ".wave", ".bwf", ".rf64", ".aif", ".aiff", ".flac"})
"""What every DAW that reads a project file reads as sound."""


def staged(
    project: Project,
    session: Session,
    names: dict[str, str],
    shelf: Shelf,
    *,
    flip: bool,
    known: Container[str] = (),
) -> tuple[Project, tuple[Loss, ...]]:
    """The project with a WAV on ``shelf`` for each track that is a pair of files, has a wrong rate in its header, or a
    format few DAWs read; 32-bit float, every sample as it is. With ``flip``, which a format without polarity needs,
    also for each track whose polarity is turned, every sample with its sign turned. Also what was done. Tracks that a
    file has already (``known``, by session id) keep the sounds it plays.
    """
    owners = {names[track.id]: track for track in session.tracks}
    done: list[Loss] = []
    tracks = []
    for track in project.tracks:
        source = owners.get(track.id)
        turned = track.polarity if flip and track.print_of is None else "normal"
        old = source is not None and source.id in known
        why = "" if source is None or old or not track.clips else _why(source, turned)
        if source is not None and why:
            file = _written(source, shelf, turned)
            clips = tuple(_on(clip, file, source) for clip in track.clips)
            tracks.append(replace(track, clips=clips, polarity="normal" if flip else track.polarity))
            done.append(Loss(track.name, why, f"written as {file.name}"))
        else:
            tracks.append(track)
    return replace(project, tracks=tuple(tracks)), tuple(done)


def _why(track: Track, polarity: str) -> str:
    if polarity != "normal":
        return f"polarity {polarity.replace('_', ' ')}"
    if track.right_path is not None:
        return "two mono files that are one stereo track"
    if track.path.suffix.lower() not in READABLE:
        return f"a {track.path.suffix.lstrip('.').upper() or 'sound'} file"
    if track.sample_rate and io.probe(track.path).sample_rate != track.sample_rate:
        return "a file whose header names the wrong sample rate"
    return ""


def turned_by_hand(track: ModelTrack) -> Loss:
    """What is said of a turned polarity that neither a word nor a copy carries."""
    what = f"polarity {track.polarity.replace('_', ' ')}"
    if track.polarity == "inverted":
        return Loss(track.name, what, "press it in the DAW")
    done = "most DAWs turn both sides or none: put a plugin that turns one in front"
    return Loss(track.name, what, done)


def _written(track: Track, shelf: Shelf, polarity: str) -> Path:
    info = source_info(track)
    path = shelf.free(track.name)
    sides = {"normal": (), "left_inverted": (0,), "right_inverted": (1,)}.get(polarity, range(info.channels))
    with WavWriter(path, info.sample_rate, info.channels) as writer:
        for block in stream_source(track, sample_rate=info.sample_rate):
            for side in sides:
                block[side] *= -1.0
            writer.write(block)
    return path


def _on(clip: Clip, file: Path, track: Track) -> Clip:
    info = source_info(track)
    return replace(clip, file=file, sample_rate=info.sample_rate, channels=info.channels, frames=info.frames)
