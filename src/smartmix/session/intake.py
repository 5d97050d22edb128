"""Intake: which files of a folder are tracks, which is the rough mix, and what must be set aside."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import AudioError, SessionError
from smartmix.session.returns import RETURNS
from smartmix.session.role_names import role_from_name
from smartmix.session.roles import ROLES
from smartmix.session.session import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.audio.io import AudioInfo

SOUND_SUFFIXES = frozenset(
    {".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".aif", ".aiff", ".aifc", ".caf"}
    | {".ogg", ".oga", ".opus", ".mp3"}
)
"""Endings of sound files that are looked at, upper case too; what cannot be decoded is set aside."""

MAX_TRACK_CHANNELS = 2

_VERSION = re.compile(r"([ _.-]+(v|ver|version|final|rev)[ _.-]?\d*|[ _.-]*\(\d+\))+$", re.IGNORECASE)
_ROUGH_PHRASES = ("rough mix", "roughmix", "ruff mix", "ruffmix")
_LEVEL_WORDS = frozenset({"up", "down", "louder", "quieter"})


@dataclass
class Notices:
    """What was guessed or set aside, in the order it was found."""

    lines: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Note that a sound file cannot be used, and why."""
        self.unusable.append(name)
        self.add(why)

    def add(self, line: str) -> None:
        """Note one more thing, once."""
        if line not in self.lines:
            self.lines.append(line)


def sound_files(folder: Path, notices: Notices) -> list[Path]:
    """The sound files of a folder in natural order; hidden files and macOS resource forks are skipped."""
    visible = [p for p in folder.iterdir() if not p.name.startswith(".") and p.name != "__MACOSX"]
    inner = sorted(p.name for p in visible if p.is_dir())
    files = [p for p in visible if p.suffix.lower() in SOUND_SUFFIXES and p.is_file()]
    if inner:
        notices.add(f"folders inside {folder.name} are not read: {', '.join(inner)}")
    return sorted(files, key=lambda p: natural_key(p.name))


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that counts: track 2 before track 10, whatever the case."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts], name


def is_rough_name(stem: str) -> bool:
    """Whether a file name says that the file is a rough mix of the whole song.

    It does when it says "rough mix" (or "ruff"), is just "rough", "mix" or "mixdown", or ends in one of these
    after words that name no instrument ("song_mix", "Caesium rough v2"). "Drum mix", "rough vox", "remix" and
    "mixdown of drums" do not.
    """
    words = re.split(r"[\W_]+", _without_version(stem).casefold())
    words = [w for w in words if w and not w.isdecimal()]
    text = " ".join(words)
    phrase = next((p for p in _ROUGH_PHRASES if re.search(rf"\b{p}\b", text)), None)
    if phrase:
        rest = text.replace(phrase, " ")
        return role_from_name(rest) == "unknown" or bool(_LEVEL_WORDS & set(words))
    if not words or words[-1] not in ("mix", "rough", "ruff", "mixdown"):
        return False
    return role_from_name(" ".join(words[:-1])) == "unknown" and not {"bus", "fx", "cue", "stem"} & set(words)


def choose_rough(files: list[Path], notices: Notices) -> Path | None:
    """The rough mix among sound files by name; of several the last in natural order (the highest version)."""
    found = [p for p in files if is_rough_name(p.stem)]
    if len(found) > 1:
        others = ", ".join(p.name for p in found[:-1])
        notices.add(f"several rough mixes: {found[-1].name} is used, set aside: {others}")
    return found[-1] if found else None


def _without_version(stem: str) -> str:
    return _VERSION.sub("", stem) or stem


def slug(stem: str) -> str:
    """Track id of a file name: no version suffix, no accents, lower case, words joined by hyphens."""
    text = unicodedata.normalize("NFC", _without_version(stem)).casefold()
    for accented, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("œ", "oe"), ("ø", "o"), ("æ", "ae")):
        text = text.replace(accented, plain)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", text).strip("-")[:60] or "track"


def unique_id(wanted: str, taken: Iterable[str]) -> str:
    """The id, or the id with -2, -3 ... if it is taken, by a return too."""
    taken = {*taken, *(r.id for r in RETURNS)}
    candidates = (wanted if n == 1 else f"{wanted}-{n}" for n in range(1, len(taken) + 2))
    return next(c for c in candidates if c not in taken)


def usable(path: Path) -> AudioInfo | str:
    """Format of a sound file that can be a track, or the reason why it cannot."""
    from smartmix.audio.io import probe

    try:
        info = probe(path)
    except AudioError as error:
        return str(error).removeprefix(f"{path}: ").replace(str(path), path.name)
    if info.channels > MAX_TRACK_CHANNELS:
        return f"has {info.channels} channels; tracks are mono or stereo, split it first"
    if info.frames == 0:
        return "is empty (no samples)"
    return info


def tracks_of(files: list[Path], notices: Notices) -> list[Track]:
    """Tracks of sound files with the role their name says; what cannot be used is set aside."""
    tracks: list[Track] = []
    for path in files:
        info = usable(path)
        if isinstance(info, str):
            notices.leave_out(path.name, f"{path.name} is set aside: {info}")
            continue
        wanted = slug(path.stem)
        track_id = unique_id(wanted, [t.id for t in tracks])
        if track_id != wanted:
            notices.add(f"{path.name}: the name {wanted!r} is there already, this one is called {track_id!r}")
        tracks.append(named_track(track_id, path, info))
    return tracks


def named_track(track_id: str, path: Path, info: AudioInfo) -> Track:
    """A track with the role its file name says; click, guide and talkback are muted."""
    role = role_from_name(path.stem)
    return Track(
        id=track_id,
        name=path.stem,
        path=path,
        role=role,
        role_source="none" if role == "unknown" else "name",
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
        notices.leave_out(path.name, f"{path.name} looks like a rough mix but is set aside: {info}")
        return None
    return Track(
        id="rough",
        name=path.stem,
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
    other = [t for t in tracks if t.sample_rate != chosen]
    if other:
        rates = ", ".join(f"{t.name} ({t.sample_rate} Hz)" for t in other)
        alone = all(round(s, 3) < round(seconds[chosen], 3) for rate, s in seconds.items() if rate != chosen)
        why = "the rate of most of it" if alone else "the highest of its rates"
        notices.add(f"the session runs at {chosen} Hz, {why}; resampled: {rates}")
    return chosen


def note_guesses(tracks: Iterable[Track], notices: Notices) -> None:
    """Say which tracks are muted and which have no role."""
    tracks = list(tracks)
    muted = [f"{t.name} ({ROLES[t.role].label})" for t in tracks if t.muted]
    nameless = [t.name for t in tracks if t.role == "unknown"]
    if muted:
        notices.add(f"muted: {', '.join(muted)}")
    if nameless:
        notices.add(f"no role can be read from the names of {', '.join(nameless)}; say it in session.toml")
