"""Open a session from a folder of tracks or a session.toml."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import SessionError
from smartmix.session import document as toml
from smartmix.session.buses import default_buses
from smartmix.session.checks import check_session
from smartmix.session.findings import Notices, plain_name
from smartmix.session.folder import FILE_NAME, Listing, list_folder
from smartmix.session.gathering import Gathering
from smartmix.session.intake import note_guesses, note_resampled, rough_track, session_rate, tracks_of
from smartmix.session.rough_names import choose_rough, is_imports_mix, is_rough_name
from smartmix.session.rows import Rows, note_outside
from smartmix.session.saving import save_session
from smartmix.session.session import Bus, Section, Session, TempoPoint, Track
from smartmix.session.sorting import sort_out

if TYPE_CHECKING:
    from smartmix.session.schema import SessionTable

__all__ = ["open_session", "save_session"]


def open_session(path: str | Path, *, rough: str | Path | None = None) -> Session:
    """Open a folder of sound files, a session.toml, or a folder that holds one.

    The folders inside are read too; see ``folder.list_folder`` for what is passed over and ``sorting.sort_out`` for
    what is decided by listening. ``rough`` names the rough mix (seen from here or from the folder); without it a file
    named like one is taken. SessionError for a missing path, a folder without a usable track, a rough mix that cannot
    be used, or a session.toml with an unknown key, a value out of range or a file that is not there. Files that cannot
    be a track (unreadable, empty, more than two channels) are set aside. ``Session.findings`` says all that was found.
    """
    path = Path(path)
    if not path.exists():
        raise SessionError(f"{path}: no such folder or session.toml")
    if path.is_dir():
        listed = path / FILE_NAME
        return _open_file(listed, rough) if listed.is_file() else _open_folder(path, rough)
    if path.suffix.lower() != ".toml":
        raise SessionError(f"{path}: expected a folder of tracks or a session.toml")
    return _open_file(path, rough)


def _open_folder(folder: Path, rough: str | Path | None) -> Session:
    notices = Notices()
    listing = list_folder(folder, notices)
    if not listing.files:
        raise SessionError(f"{folder}: no sound files here{_said(notices)}; expected one file per track")
    rough_mix = _find_rough(folder, listing, rough, notices)
    tracks = _folder_tracks(folder, listing, rough_mix, notices)
    gathering = Gathering(tracks, notices, rough=rough_mix)
    return _assemble(Session(folder.resolve().name, folder, (), 0, 0.0), gathering)


def _said(notices: Notices) -> str:
    return f" ({'; '.join(notices.lines)})" if notices.lines else ""


def _folder_tracks(
    folder: Path, listing: Listing, rough: Track | None, notices: Notices, taken: tuple[str, ...] = ()
) -> list[Track]:
    """Tracks of all files that are no rough mix; SessionError when none is left."""
    used = os.path.realpath(rough.path) if rough else None
    files = [p for p in listing.files if not is_rough_name(p.stem) and os.path.realpath(p) != used]
    tracks = tracks_of(files, notices, root=folder, taken=taken)
    if not tracks and not taken:
        why = "; ".join(notices.lines) or "only a rough mix"
        raise SessionError(f"{folder}: no track can be used: {why}")
    return tracks


def _find_rough(
    folder: Path,
    listing: Listing,
    asked: str | Path | None,
    notices: Notices,
    listed: frozenset[str] = frozenset(),
) -> Track | None:
    """The rough mix: the one asked for, else by name, first among the tracks, then among the bounces."""
    if asked is not None:
        here = [p for p in (Path(asked), folder / asked) if p.is_file()]
        if not here:
            raise SessionError(f"{asked}: no such rough mix, neither here nor in {folder}")
        note_outside(folder, here[0], notices)
        return rough_track(here[0], asked=True, notices=notices)
    files = [p for p in listing.files if os.path.realpath(p) not in listed]
    path = choose_rough(files, notices) or choose_rough(listing.bounces, notices)
    bounces = [plain_name(p.relative_to(folder).as_posix()) for p in listing.bounces if p != path]
    rough = rough_track(path, asked=False, notices=notices) if path else None
    if rough and not is_imports_mix(rough.path, folder):
        notices.add(f"{plain_name(rough.path.name)} is taken as the rough mix, by its name", "guessed")
    if bounces:
        text = f"bounces are not read as tracks: {', '.join(bounces[:8])}"
        ask = "" if rough else "; is one of them the rough mix? Say rough in session.toml"
        notices.add(text + ask, "set_aside" if rough else "asked", question=not rough)
    return rough


def _assemble(session: Session, gathering: Gathering) -> Session:
    """Sort the tracks out and fill in rate, places, length, buses and findings."""
    notices = gathering.notices
    sort_out(gathering)
    rate = session.sample_rate or session_rate(gathering.tracks, notices)
    if session.sample_rate:
        note_resampled(gathering.tracks, rate, "as session.toml says", notices)
    tracks = tuple(replace(t, offset_frames=_offset(gathering, t, rate)) for t in gathering.tracks)
    note_guesses(tracks, notices)
    findings = notices.ordered()
    return replace(
        session,
        tracks=tracks,
        sample_rate=rate,
        duration_s=max(t.offset_frames / rate + t.frames / t.sample_rate for t in tracks),
        rough=gathering.rough,
        buses=session.buses or default_buses(tracks),
        findings=findings,
        notices=tuple(f.text for f in findings),
        unusable=tuple(notices.unusable),
    )


def _offset(gathering: Gathering, track: Track, rate: int) -> int:
    return round(gathering.starts_s.get(track.id, 0.0) * rate)


def _open_file(path: Path, rough: str | Path | None) -> Session:
    from smartmix.session.schema import SessionTable

    text = toml.read_text(path, SessionError)
    table = toml.validate(
        SessionTable, toml.parse_as("session", text, path, SessionError), path, SessionError
    )
    gathering = _gather(path, table, rough or (path.parent / table.rough if table.rough else None))
    session = Session(
        name=table.name or path.parent.resolve().name,
        root=path.parent,
        tracks=(),
        sample_rate=table.sample_rate or 0,
        duration_s=0.0,
        material=table.material,
        buses=tuple(Bus(b.id, b.name or b.id, tuple(b.members), b.gain_db) for b in table.bus),
        tempo_map=tuple(TempoPoint(t.time_s, t.bpm, t.beats_per_bar, t.beat_unit) for t in table.tempo),
        sections=tuple(Section(s.name, s.start_s, s.end_s) for s in table.section),
        locks=frozenset(table.locks),
        references=tuple(_beside(path, "references", name) for name in table.references),
        match=tuple((id_, _beside(path, f"match, {id_}", name)) for id_, name in table.match.items()),
    )
    session = _assemble(session, gathering)
    check_session(path, session)
    locked = tuple(replace(t, locked=t.locked or t.id in table.locks) for t in session.tracks)
    return replace(session, tracks=locked)


def _beside(path: Path, key: str, name: str) -> Path:
    """A file a session.toml names, seen from there."""
    found = path.parent / name
    if not found.is_file():
        raise SessionError(f"{path}: {key} = {name!r}: no such file")
    return found


def _gather(path: Path, table: SessionTable, rough: str | Path | None) -> Gathering:
    """Tracks and rough mix: those described by [[track]], then the folder's other files."""
    folder, notices = path.parent, Notices()
    listing = list_folder(folder, notices)
    if not table.track and not listing.files:
        raise SessionError(f"{path}: has no [[track]] and there are no sound files beside it{_said(notices)}")
    rows = Rows(path, notices, [row.id for row in table.track if row.id])
    for number, row in enumerate(table.track, 1):
        rows.take(number, row)
    rough_mix = _find_rough(folder, listing, rough, notices, frozenset(rows.files))
    used = os.path.realpath(rough_mix.path) if rough_mix else None
    compared = {os.path.realpath(folder / name) for name in (*table.references, *table.match.values())}
    if used in rows.files:
        raise SessionError(
            f"{path}: {Path(str(used)).name} is a [[track]] and the rough mix; it can be only one"
        )
    known = rows.files | compared
    unlisted = Listing([p for p in listing.files if os.path.realpath(p) not in known])
    taken = tuple(t.id for t in rows.tracks)
    joined = _folder_tracks(folder, unlisted, rough_mix, notices, taken)
    return Gathering([*rows.tracks, *joined], notices, rows.starts_s, rough_mix)
