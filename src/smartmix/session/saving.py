"""Save a session as the session.toml a person edits."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from smartmix.audio.broadcast import time_reference
from smartmix.audio.files import check_target
from smartmix.errors import AudioError, SessionError
from smartmix.session import document as toml
from smartmix.session.buses import default_buses
from smartmix.session.comments import Place, comments_of
from smartmix.session.findings import plain_name
from smartmix.session.folder import FILE_NAME
from smartmix.session.roles import ROLES
from smartmix.session.session import Session, Track

_QUARTER = 4
HEADER = """\
A smartmix session. Change it in any text editor; comments stay.
{roles}
Each track may also have group, priority (0 to 1), protect, locked, muted, gain_db, pan (-1 to 1), offset_s,
played_at_hz (where a header names the wrong rate) and right_file (the right side of a pair of mono files)."""


def save_session(session: Session, path: str | Path, *, force: bool = False) -> Path:
    """Write a session as session.toml (or into a folder under that name) and return the path.

    OutputExistsError if it is there and ``force`` is off. With ``force`` the comments of the file stay.
    Sound files are named relative to the file. In a new file a role read from a name is a comment, to be
    uncommented.
    """
    path = Path(path)
    path = path / FILE_NAME if path.is_dir() else path
    check_target(path, force=force, advice="use --force to write over it; your comments stay")
    table = _document(session, path.parent)
    if path.exists():
        old = toml.read_text(path, SessionError)
        toml.parse(old, path, SessionError)
        comments = comments_of(old)
    else:
        header = HEADER.format(roles=textwrap.fill("Roles: " + ", ".join(ROLES) + ".", 96))
        comments = toml.with_header(header, table, _role_notes(session, table))
    toml.write(path, table, comments)
    return path


def _role_notes(session: Session, table: toml.Document) -> dict[Place, str]:
    """The roles that were read from file names, as lines to uncomment."""
    pairs = zip(session.tracks, table["track"], strict=True)
    return {
        ("track", row["file"], "1", "file"): f'role = "{track.role}"'
        for track, row in pairs
        if track.role_source != "session"
    }


def _document(session: Session, folder: Path) -> toml.Document:
    """The session as plain tables; what equals its default is left out."""
    head: toml.Document = {"format": 1, "name": session.name, "sample_rate": session.sample_rate}
    if session.material != "unknown":
        head["material"] = session.material
    if session.rough:
        head["rough"] = _relative(session.rough.path, folder)
    if session.references:
        head["references"] = [_relative(p, folder) for p in session.references]
    if session.locks:
        head["locks"] = sorted(session.locks)
    if session.match:
        head["match"] = {id_: _relative(p, folder) for id_, p in session.match}
    head["track"] = [_track_row(t, session.sample_rate, folder) for t in session.tracks]
    own_buses = () if session.buses == default_buses(session.tracks) else session.buses
    head["bus"] = [
        {"id": b.id, "name": b.name, "members": list(b.members), "gain_db": b.gain_db} for b in own_buses
    ]
    head["tempo"] = [
        {"time_s": t.time_s, "bpm": t.bpm, "beats_per_bar": t.beats_per_bar}
        | ({"beat_unit": t.beat_unit} if t.beat_unit != _QUARTER else {})
        for t in session.tempo_map
    ]
    head["section"] = [{"name": s.name, "start_s": s.start_s, "end_s": s.end_s} for s in session.sections]
    return {k: v for k, v in head.items() if v != []}


def _track_row(track: Track, sample_rate: int, folder: Path) -> toml.Document:
    told = track.role_source == "session"
    silent = ROLES[track.role].silent
    row: toml.Document = {"id": track.id, "file": _relative(track.path, folder)}
    if track.right_path is not None:
        row["right_file"] = _relative(track.right_path, folder)
    optional = {
        "name": (track.name, plain_name(track.path.stem)),
        "role": (track.role if told else None, None),
        "group": (track.group, None),
        "priority": (track.priority, None),
        "protect": (track.protect, False),
        "locked": (track.locked, False),
        "muted": (track.muted, silent),
        "gain_db": (track.gain_db, 0.0),
        "pan": (track.pan, 0.0),
        "offset_s": (round(track.offset_frames / sample_rate, 9), 0.0),
        "played_at_hz": (track.sample_rate, _header_rate(track)),
    }
    kept = track.told | ({"offset_s"} if time_reference(track.path) is not None else set())
    return row | {key: value for key, (value, default) in optional.items() if value != default or key in kept}


def _header_rate(track: Track) -> int:
    """The rate (Hz) the file itself names; the track's where it cannot be read any more."""
    from smartmix.audio.io import probe

    try:
        return probe(track.path).sample_rate
    except AudioError:
        return track.sample_rate


def _relative(path: Path, folder: Path) -> str:
    """A path seen from a folder, with forward slashes; absolute where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
