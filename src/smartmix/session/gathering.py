"""The tracks of a session while they are being sorted out: changed step by step, everything said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from smartmix.session.findings import Notices, plain_name

if TYPE_CHECKING:
    from smartmix.session.listening import Ear
    from smartmix.session.session import Track


@dataclass
class Gathering:
    """Tracks in session order, where each begins (s, by id), the rough mix if there is one, and what was found."""

    tracks: list[Track]
    notices: Notices
    starts_s: dict[str, float] = field(default_factory=dict)
    rough: Track | None = None
    _ear: Ear | None = None

    @property
    def ear(self) -> Ear:
        """For listening; made when first needed, and anew when tracks have been placed or replaced."""
        from smartmix.session.listening import Ear

        if self._ear is None:
            self._ear = Ear(self.tracks, self.starts_s)
        return self._ear

    @property
    def audible(self) -> list[Track]:
        """Tracks that are not muted, as they are now."""
        return [t for t in self.tracks if not t.muted]

    def listen_anew(self) -> None:
        """Something on the time line has changed: what was heard no longer holds."""
        self._ear = None

    def change(self, track: Track, **changes: Any) -> Track:
        """Replace a track by a changed one; returns it."""
        changed = replace(track, **changes)
        self.tracks = [changed if t.id == track.id else t for t in self.tracks]
        return changed

    def mute(self, track: Track, text: str, *, also: Iterable[Track] = (), question: bool = False) -> bool:
        """Mute a track and say why, unless a person has said whether it sounds (then False, and nothing is said)."""
        if "muted" in track.told:
            return False
        self.change(track, muted=True)
        ids = (track.id, *(t.id for t in also))
        self.notices.add(text, "asked" if question else "muted", ids, question=question)
        return True

    def drop(self, track: Track) -> None:
        """Take a track out of the session."""
        self.tracks = [t for t in self.tracks if t.id != track.id]


def stem_of(track: Track) -> str:
    """The name a track's file (or pair of files) has, whatever a person calls it."""
    from smartmix.session.track_names import side_of

    side = side_of(track.path.stem) if track.right_path else None
    return side.base if side else track.path.stem


def file_names(tracks: Iterable[Track]) -> str:
    """The file names of tracks, for a sentence; of many the first few."""
    names = [plain_name(t.path.name) for t in tracks]
    return ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:12])} and {len(names) - 12} more"
