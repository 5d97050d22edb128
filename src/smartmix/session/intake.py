"""Intake: sound files become tracks with ids, names, roles and groups; what cannot be one is set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import AudioError, SessionError
from smartmix.session.findings import Notices, plain_name
from smartmix.session.folder import group_of
from smartmix.session.ids import natural_key, slug, unique_id
from smartmix.session.role_names import role_from_name
from smartmix.session.roles import ROLES
from smartmix.session.rough_names import choose_rough, is_rough_name
from smartmix.session.session import Track

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smartmix.audio.io import AudioInfo

__all__ = ["Notices", "choose_rough", "is_rough_name", "named_track", "natural_key", "note_guesses", "rough_track",
           "session_rate", "slug", "tracks_of", "unique_id", "usable"]  # fmt: skip

MAX_TRACK_CHANNELS = 2
MOST_SECONDS = 86_400.0
"""A day: a header that promises more is not the header of a track."""


def usable(path: Path) -> AudioInfo | str:
    """Format of a sound file that can be a track, or the reason why it cannot."""
    from smartmix.audio.io import probe

    try:
        info = probe(path)
    except AudioError as error:
        return plain_reason(error, path)
    if info.channels > MAX_TRACK_CHANNELS:
        return f"has {info.channels} channels; tracks are mono or stereo, split it first"
    if info.frames == 0:
        return "is empty (no samples)"
    if info.duration_s > MOST_SECONDS:
        return f"claims to be {info.duration_s / 3600.0:.0f} hours long; copy or export it again"
    return info


def plain_reason(error: Exception, path: Path) -> str:
    """What is wrong with a file, without where it lies."""
    return str(error).removeprefix(f"{path}: ").replace(str(path), plain_name(path.name))


def tracks_of(
    files: list[Path], notices: Notices, *, root: Path | None = None, taken: Iterable[str] = ()
) -> list[Track]:
    """Tracks of sound files with the role their name says; what cannot be used is set aside.

    ``root`` is the session's folder: folders inside it name groups, and help to read a name that says too little
    ("Kick/In.wav"). ``taken`` are ids other tracks have.
    """
    tracks: list[Track] = []
    used = set(taken)
    for path in files:
        info = usable(path)
        if isinstance(info, str):
            notices.leave_out(path.name, f"{plain_name(path.name)} is set aside: {info}")
            continue
        group = group_of(path, root) if root else None
        track = named_track("", path, info, group)
        wanted = slug(track.name if track.name != plain_name(path.stem) else path.stem)
        if wanted in used and group and track.name == plain_name(path.stem):
            wanted = slug(f"{group} {path.stem}")
        track_id = unique_id(wanted, used)
        if track_id != wanted:
            text = f"{plain_name(path.name)}: the name {wanted!r} is there already, this one is called {track_id!r}"
            notices.add(text, "noted", (track_id,))
        used.add(track_id)
        tracks.append(named_track(track_id, path, info, group))
    return tracks


def named_track(track_id: str, path: Path, info: AudioInfo, group: str | None = None) -> Track:
    """A track with the role its file name says, or its folder and file name together; click, guide and talkback are
    muted.
    """
    name, role = plain_name(path.stem), role_from_name(path.stem)
    if role == "unknown" and group:
        role = role_from_name(f"{group} {path.stem}")
        name = plain_name(f"{group} {path.stem}") if role != "unknown" else name
    return Track(
        id=track_id,
        name=name,
        path=path,
        role=role,
        role_source="none" if role == "unknown" else "name",
        group=group,
        muted=ROLES[role].silent,
        sample_rate=info.sample_rate,
        channels=info.channels,
        frames=info.frames,
    )


def rough_track(path: Path, *, asked: bool, notices: Notices) -> Track | None:
    """The rough mix as a track. If it cannot be used: SessionError when asked for, else a notice."""
    info = usable(path)
    if isinstance(info, str):
        if asked:
            raise SessionError(f"{path}: the rough mix {info}")
        text = f"{plain_name(path.name)} looks like a rough mix but is set aside: {info}"
        notices.leave_out(path.name, text)
        return None
    return Track(
        id="rough",
        name=plain_name(path.stem),
        path=path,
        sample_rate=info.sample_rate,
        channels=info.channels,
        frames=info.frames,
    )


def session_rate(tracks: Iterable[Track], notices: Notices) -> int:
    """The sample rate (Hz) most of the material has, by duration; of two with the same the higher."""
    seconds: dict[int, float] = {}
    tracks = list(tracks)
    for track in tracks:
        seconds[track.sample_rate] = seconds.get(track.sample_rate, 0.0) + track.frames / track.sample_rate
    chosen = max(seconds, key=lambda rate: (round(seconds[rate], 3), rate))
    alone = all(round(s, 3) < round(seconds[chosen], 3) for rate, s in seconds.items() if rate != chosen)
    note_resampled(tracks, chosen, "the rate of most of it" if alone else "the highest of its rates", notices)
    return chosen


def note_resampled(tracks: Iterable[Track], rate: int, why: str, notices: Notices) -> None:
    """Say which tracks have another rate than the session (Hz), and why the session has its own."""
    other = [t for t in tracks if t.sample_rate != rate]
    if other:
        rates = ", ".join(f"{t.name} ({t.sample_rate} Hz)" for t in other)
        text = f"the session runs at {rate} Hz, {why}; resampled: {rates}"
        notices.add(text, "resampled", tuple(t.id for t in other))


def note_guesses(tracks: Iterable[Track], notices: Notices) -> None:
    """Say which tracks are muted by their role and which have none."""
    tracks = list(tracks)
    silent = [t for t in tracks if t.muted and ROLES[t.role].silent]
    nameless = [t for t in tracks if t.role == "unknown" and not t.muted]
    if silent:
        text = f"muted: {', '.join(f'{t.name} ({ROLES[t.role].label})' for t in silent)}"
        notices.add(text, "muted", tuple(t.id for t in silent))
    if nameless:
        names = ", ".join(t.name for t in nameless)
        text = f"no role can be read from the names of {names}; say it in session.toml"
        notices.add(text, "guessed", tuple(t.id for t in nameless))
