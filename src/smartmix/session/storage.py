"""Open a session from a folder of tracks or a session.toml, and save it as one."""

from __future__ import annotations

import os
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import check_target
from smartmix.errors import SessionError, SmartmixError
from smartmix.parameter import ParamRef
from smartmix.session import document as toml
from smartmix.session.comments import Place, comments_of
from smartmix.session.intake import (
    Notices,
    choose_rough,
    is_rough_name,
    named_track,
    note_guesses,
    rough_track,
    session_rate,
    slug,
    sound_files,
    tracks_of,
    unique_id,
    usable,
)
from smartmix.session.roles import ROLES
from smartmix.session.session import Bus, Section, Session, TempoPoint, Track

if TYPE_CHECKING:
    from smartmix.session.schema import SessionTable, TrackTable

FILE_NAME = "session.toml"

HEADER = """\
A smartmix session. Change it in any text editor; comments stay.
{roles}
Each track may also have group, priority (0 to 1), locked, muted, gain_db, pan (-1 to 1) and offset_s."""


def open_session(path: str | Path, *, rough: str | Path | None = None) -> Session:
    """Open a folder of sound files, a session.toml, or a folder that holds one.

    ``rough`` names the rough mix (seen from here or from the folder); without it a file named like one is
    taken. SessionError for a missing path, a folder without a usable track, a rough mix that cannot be
    used, or a session.toml with an unknown key, a value out of range or a file that is not there. Files
    that cannot be a track (unreadable, empty, more than two channels) are set aside and named in
    ``notices``.
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
    files = _listed(folder, notices)
    if not files:
        raise SessionError(
            f"{folder}: no sound files here{_inner_folders(notices)}; expected one file per track"
        )
    tracks, rough_mix = _take_in(folder, files, rough, notices)
    return _assemble(Session(folder.resolve().name, folder, tuple(tracks), 0, 0.0, rough=rough_mix), notices)


def _listed(folder: Path, notices: Notices) -> list[Path]:
    try:
        return sound_files(folder, notices)
    except OSError as cause:
        raise SessionError(f"{folder}: cannot be read ({cause.strerror})") from cause


def _inner_folders(notices: Notices) -> str:
    return f" ({notices.lines[0]})" if notices.lines else ""


def _take_in(
    folder: Path, files: list[Path], rough: str | Path | None, notices: Notices
) -> tuple[list[Track], Track | None]:
    """Tracks and rough mix of the files of a folder; SessionError when no track is left."""
    rough_mix = _find_rough(folder, files, rough, notices)
    named = [p for p in files if is_rough_name(p.stem)]
    if rough_mix:
        named = [*named, *(p for p in files if p.samefile(rough_mix.path))]
    tracks = tracks_of([p for p in files if p not in named], notices)
    if not tracks:
        why = "; ".join(notices.lines) or "only a rough mix"
        raise SessionError(f"{folder}: no track can be used: {why}")
    return tracks, rough_mix


def _find_rough(folder: Path, files: list[Path], asked: str | Path | None, notices: Notices) -> Track | None:
    if asked is not None:
        here = [p for p in (Path(asked), folder / asked) if p.is_file()]
        if not here:
            raise SessionError(f"{asked}: no such rough mix, neither here nor in {folder}")
        return rough_track(here[0], asked=True, notices=notices)
    path = choose_rough(files, notices)
    rough = rough_track(path, asked=False, notices=notices) if path else None
    if rough:
        notices.add(f"{rough.path.name} is taken as the rough mix, by its name")
    return rough


def _assemble(session: Session, notices: Notices) -> Session:
    """Fill in rate, length and notices of a session whose tracks are known."""
    rate = session.sample_rate or session_rate(session.tracks, notices)
    note_guesses(session.tracks, notices)
    duration_s = max(t.offset_frames / rate + t.frames / t.sample_rate for t in session.tracks)
    return replace(
        session,
        sample_rate=rate,
        duration_s=duration_s,
        notices=tuple(notices.lines),
        unusable=tuple(notices.unusable),
    )


def _open_file(path: Path, rough: str | Path | None) -> Session:
    from smartmix.session.schema import SessionTable

    text = toml.read_text(path, SessionError)
    table = toml.validate(SessionTable, toml.parse(text, path, SessionError), path, SessionError)
    notices = Notices()
    told = path.parent / table.rough if table.rough else None
    placed, rough_mix = _placed_tracks(path, table, rough or told, notices)
    rate = table.sample_rate or session_rate([track for track, _ in placed], notices)
    session = Session(
        name=table.name or path.parent.resolve().name,
        root=path.parent,
        tracks=tuple(
            replace(t, offset_frames=round(s * rate), locked=t.locked or t.id in table.locks)
            for t, s in placed
        ),
        sample_rate=rate,
        duration_s=0.0,
        rough=rough_mix,
        material=table.material,
        buses=tuple(Bus(b.id, b.name or b.id, tuple(b.members), b.gain_db) for b in table.bus),
        tempo_map=tuple(TempoPoint(t.time_s, t.bpm, t.beats_per_bar) for t in table.tempo),
        sections=tuple(Section(s.name, s.start_s, s.end_s) for s in table.section),
        locks=frozenset(table.locks),
    )
    _check(path, session)
    return _assemble(session, notices)


def _placed_tracks(
    path: Path, table: SessionTable, rough: str | Path | None, notices: Notices
) -> tuple[list[tuple[Track, float]], Track | None]:
    """Tracks with their start (s), and the rough mix: those described by [[track]], then the folder's other files."""
    folder = path.parent
    files = _listed(folder, notices)
    if not table.track:
        if not files:
            raise SessionError(f"{path}: has no [[track]] and there are no sound files beside it")
        tracks, rough_mix = _take_in(folder, files, rough, notices)
        return [(track, 0.0) for track in tracks], rough_mix
    placed = _rows_to_tracks(path, table.track, notices)
    listed = {os.path.realpath(folder / row.file) for row in table.track}
    unlisted = [p for p in files if os.path.realpath(p) not in listed]
    rough_mix = _find_rough(folder, unlisted, rough, notices)
    used = os.path.realpath(rough_mix.path) if rough_mix else None
    if used in listed:
        raise SessionError(
            f"{path}: {Path(str(used)).name} is a [[track]] and the rough mix; it can be only one"
        )
    others = [p for p in unlisted if os.path.realpath(p) != used and not is_rough_name(p.stem)]
    joined: list[Track] = []
    for track in tracks_of(others, notices):
        taken = [t.id for t in (*(t for t, _ in placed), *joined)]
        joined.append(replace(track, id=unique_id(track.id, taken)))
    return [*placed, *((track, 0.0) for track in joined)], rough_mix


def _rows_to_tracks(path: Path, rows: list[TrackTable], notices: Notices) -> list[tuple[Track, float]]:
    placed: list[tuple[Track, float]] = []
    given = [row.id for row in rows if row.id]
    for number, row in enumerate(rows, 1):
        where = f"{path}: track {number}"
        if row.id and given.count(row.id) > 1:
            raise SessionError(f"{where}, id = {row.id!r}: is there twice; every track needs its own id")
        file = path.parent / row.file
        if not file.is_file():
            why = "is not a file" if file.exists() else "no such file"
            raise SessionError(f"{where}, file = {row.file!r}: {why}; paths are seen from {path.parent}")
        info = usable(file)
        if isinstance(info, str):
            notices.leave_out(row.file, f"{row.file} is set aside: {info}")
            continue
        track_id = row.id or unique_id(slug(file.stem), [*given, *(t.id for t, _ in placed)])
        placed.append((_told(named_track(track_id, file, info), row), row.offset_s))
    if not placed:
        raise SessionError(f"{path}: no track can be used: {'; '.join(notices.lines)}")
    return placed


def _told(track: Track, row: TrackTable) -> Track:
    """The track as session.toml describes it; what it leaves open stays as read from the file name."""
    if row.role is not None:
        track = replace(track, role=row.role, role_source="session", muted=ROLES[row.role].silent)
    return replace(
        track,
        name=row.name or track.name,
        group=row.group,
        priority=row.priority,
        locked=row.locked,
        muted=track.muted if row.muted is None else row.muted,
        gain_db=row.gain_db,
        pan=row.pan,
    )


def _check(path: Path, session: Session) -> None:
    """SessionError where ids, buses, locks, sections or tempo points do not fit together."""
    tracks = {t.id for t in session.tracks}
    names = tracks | {b.id for b in session.buses}
    if len(names) != len(session.tracks) + len(session.buses):
        raise SessionError(f"{path}: bus ids must differ from each other and from track ids")
    for bus in session.buses:
        for member in bus.members:
            if member not in names:
                raise SessionError(
                    f"{path}: bus {bus.id!r}, members: {member!r} is no track or bus; {_known(names)}"
                )
        if _reaches(session, bus.id, bus.id, set()):
            raise SessionError(f"{path}: bus {bus.id!r} feeds itself through its members")
    for lock in sorted(session.locks):
        _check_lock(path, lock, tracks)
    for section in session.sections:
        if section.end_s <= section.start_s:
            where = f"{path}: section {section.name!r}, end_s = {section.end_s:g}"
            raise SessionError(f"{where}: expected more than {section.start_s:g}")
    times = [point.time_s for point in session.tempo_map]
    if times != sorted(set(times)):
        raise SessionError(f"{path}: [[tempo]] times must rise, got {', '.join(f'{t:g}' for t in times)}")


def _known(names: set[str]) -> str:
    return "known: " + ", ".join(sorted(names))


def _check_lock(path: Path, lock: str, tracks: set[str]) -> None:
    try:
        track = ParamRef.parse(lock).track if "/" in lock else lock
    except SmartmixError:
        raise SessionError(
            f"{path}: locks: {lock!r}: expected a track id or 'track/device/parameter'"
        ) from None
    if track not in tracks:
        raise SessionError(f"{path}: locks: {lock!r} names no track; {_known(tracks)}")


def _reaches(session: Session, start: str, goal: str, seen: set[str]) -> bool:
    """Whether a bus is among the members of a bus, however deep."""
    members = next((b.members for b in session.buses if b.id == start), ())
    fresh = [m for m in members if m not in seen]
    seen.update(fresh)
    return goal in members or any(_reaches(session, m, goal, seen) for m in fresh)


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
    if session.locks:
        head["locks"] = sorted(session.locks)
    head["track"] = [_track_row(t, session.sample_rate, folder) for t in session.tracks]
    head["bus"] = [
        {"id": b.id, "name": b.name, "members": list(b.members), "gain_db": b.gain_db} for b in session.buses
    ]
    head["tempo"] = [
        {"time_s": t.time_s, "bpm": t.bpm, "beats_per_bar": t.beats_per_bar} for t in session.tempo_map
    ]
    head["section"] = [{"name": s.name, "start_s": s.start_s, "end_s": s.end_s} for s in session.sections]
    return {k: v for k, v in head.items() if v != []}


def _track_row(track: Track, sample_rate: int, folder: Path) -> toml.Document:
    told = track.role_source == "session"
    silent = ROLES[track.role].silent
    row: toml.Document = {"id": track.id, "file": _relative(track.path, folder)}
    optional = {
        "name": (track.name, track.path.stem),
        "role": (track.role if told else None, None),
        "group": (track.group, None),
        "priority": (track.priority, None),
        "locked": (track.locked, False),
        "muted": (track.muted, silent),
        "gain_db": (track.gain_db, 0.0),
        "pan": (track.pan, 0.0),
        "offset_s": (round(track.offset_frames / sample_rate, 9), 0.0),
    }
    return row | {key: value for key, (value, default) in optional.items() if value != default}


def _relative(path: Path, folder: Path) -> str:
    """A path seen from a folder, with forward slashes; absolute where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()
