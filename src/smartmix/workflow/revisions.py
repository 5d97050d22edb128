"""Revised tracks: which of today's files is which of yesterday's, and how it differs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from smartmix.analysis import Analysis, Fingerprint
from smartmix.analysis.fingerprint import Likeness, match
from smartmix.figures import number
from smartmix.figures import span as span_text
from smartmix.session import Session, Track
from smartmix.suggesters import Changed
from smartmix.workflow.renamed import session_under

Kind = Literal["revised", "renamed", "replaced", "new", "gone"]

SAME_SHARE = 0.3
"""A file of which this much is in the earlier one is a revision of it (house)."""
SMALLEST_GAIN_DB = 0.1
SMALLEST_OFFSET_FRAMES = 1.0
MOST_FINGERPRINTS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class EarlierTrack:
    """A track as an earlier pass heard it."""

    id: str
    audio_hash: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Revision:
    """What happened to one track since the earlier pass.

    ``gain_db``: how much hotter the new file is where it is the same; ``offset_frames``: how much later, at the
    session's rate; ``new_spans_s``: what is in it that was not, session seconds. ``text`` says it in one sentence.
    """

    track: str
    kind: Kind
    text: str
    earlier: str = ""
    gain_db: float = 0.0
    offset_frames: float = 0.0
    polarity: int = 1
    same_share: float = 1.0
    new_spans_s: tuple[tuple[float, float], ...] = ()


def earlier_tracks(analysis_file: Path) -> dict[str, EarlierTrack]:
    """The tracks an analysis.json tells of, by id; none when it is not there, damaged or from before fingerprints."""
    try:
        data = json.loads(analysis_file.read_text(encoding="utf-8"))
        rows, hashes = data["tracks"], data["input_hashes"]
        found = [_earlier(id_, row, hashes) for id_, row in sorted(rows.items())[:MOST_FINGERPRINTS]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {track.id: track for track in found if track is not None}


def _earlier(id_: str, row: dict[str, Any], hashes: dict[str, str]) -> EarlierTrack | None:
    plain = row.get("fingerprint")
    return EarlierTrack(id_, str(hashes.get(id_, "")), Fingerprint.from_plain(plain)) if plain else None


def revisions_of(
    session: Session, analysis: Analysis, earlier: Mapping[str, EarlierTrack]
) -> tuple[Revision, ...]:
    """What is not as it was, in session order, then what is gone. Nothing when there was no earlier pass.

    A file is first compared with the earlier one of its own name; if it is not that one, with the others, so that a
    renamed file is found by its sound.
    """
    if not earlier:
        return ()
    likeness: dict[str, tuple[str, Likeness]] = {}
    left = dict(earlier)
    unchanged = _unchanged(session, analysis, earlier)
    for id_ in unchanged.values():
        left.pop(id_, None)
    waiting = [t for t in session.audible_tracks if t.id not in unchanged]
    for track in [t for t in waiting if t.id in left]:
        found = _compared(analysis, track, left[track.id])
        if found is not None and found.same_share >= SAME_SHARE:
            likeness[track.id] = (track.id, found)
            left.pop(track.id)
    for track in [t for t in waiting if t.id not in likeness]:
        best = _best(analysis, track, left)
        if best is not None:
            likeness[track.id] = best
            left.pop(best[0])
    for track in session.tracks:  # an older version that lies beside the new one, muted, is not gone
        if track.muted:
            hashed = analysis.input_hashes.get(track.id)
            left = {i: old for i, old in left.items() if i != track.id and old.audio_hash != hashed}
    revised = [_revision(session, t, earlier, likeness, unchanged) for t in session.audible_tracks]
    known = {r.earlier for r in revised if r is not None}
    gone = [Revision(i, "gone", f"{i} is no longer there", i) for i in sorted(left) if i not in known]
    return (*(r for r in revised if r is not None), *gone)


def _unchanged(session: Session, analysis: Analysis, earlier: Mapping[str, EarlierTrack]) -> dict[str, str]:
    """Tracks whose samples are those of an earlier track, by that track's id: under their own name first."""
    by_hash: dict[str, list[str]] = {}
    for old in earlier.values():
        by_hash.setdefault(old.audio_hash, []).append(old.id)
    found: dict[str, str] = {}
    tracks = sorted(
        session.audible_tracks, key=lambda t: t.id not in by_hash.get(analysis.input_hashes.get(t.id, ""), [])
    )
    for track in tracks:
        same = by_hash.get(analysis.input_hashes.get(track.id, ""), [])
        if same:
            found[track.id] = same.pop(same.index(track.id) if track.id in same else 0)
    return found


def _compared(analysis: Analysis, track: Track, old: EarlierTrack) -> Likeness | None:
    fingerprint = analysis.tracks[track.id].fingerprint
    return None if fingerprint is None else match(old.fingerprint, fingerprint)


def _best(analysis: Analysis, track: Track, left: Mapping[str, EarlierTrack]) -> tuple[str, Likeness] | None:
    found = [(id_, likeness) for id_, old in left.items() if (likeness := _compared(analysis, track, old))]
    alike = [(id_, likeness) for id_, likeness in found if likeness.same_share >= SAME_SHARE]
    return max(alike, key=lambda pair: (pair[1].same_share, pair[0]), default=None)


def _revision(
    session: Session,
    track: Track,
    earlier: Mapping[str, EarlierTrack],
    likeness: Mapping[str, tuple[str, Likeness]],
    unchanged: Mapping[str, str],
) -> Revision | None:
    if track.id in unchanged:
        was = unchanged[track.id]
        return (
            None
            if was == track.id
            else Revision(track.id, "renamed", f"{track.name} is {was} under a new name", was)
        )
    if track.id not in likeness:
        if track.id in earlier:
            text = f"{track.name} is another recording than the earlier file of that name"
            return Revision(track.id, "replaced", text, track.id, same_share=0.0)
        return Revision(track.id, "new", f"{track.name} is new")
    was, found = likeness[track.id]
    start_s = track.offset_frames / session.sample_rate
    spans = tuple((a + start_s, b + start_s) for a, b in found.new_spans_s)
    told = Revision(
        track.id,
        "revised" if was == track.id else "renamed",
        "",
        was,
        found.gain_db if abs(found.gain_db) >= SMALLEST_GAIN_DB else 0.0,
        found.offset_frames if abs(found.offset_frames) >= SMALLEST_OFFSET_FRAMES else 0.0,
        found.polarity,
        found.same_share,
        spans,
    )
    return replace(told, text=_told(track, told, session.sample_rate))


def _told(track: Track, revision: Revision, sample_rate: int) -> str:
    """ "Lead Vox is a new version: 1.8 dB hotter, 1,024 samples (21.3 ms) late, new 2:10-2:31"."""
    parts = []
    if revision.gain_db:
        parts.append(f"{number(abs(revision.gain_db))} dB {'hotter' if revision.gain_db > 0 else 'quieter'}")
    if revision.polarity < 0:
        parts.append("polarity flipped")
    if revision.offset_frames:
        frames = abs(round(revision.offset_frames))
        ms = abs(revision.offset_frames) / sample_rate * 1000.0
        parts.append(
            f"{frames:,} samples ({number(ms)} ms) {'late' if revision.offset_frames > 0 else 'early'}"
        )
    if revision.new_spans_s:
        parts.append("new " + ", ".join(span_text(s) for s in revision.new_spans_s))
    kind = f"a new version of {revision.earlier}" if revision.kind == "renamed" else "a new version"
    return f"{track.name} is {kind}: {', '.join(parts) or 'the same level and place, processed differently'}"


def under_old_names(
    session: Session, analysis: Analysis, revisions: tuple[Revision, ...]
) -> tuple[Session, Analysis]:
    """Session and analysis in which a renamed file has its earlier track's id, so that decisions find it.

    A track whose new name says no role keeps the role its earlier name said.
    """
    names = {r.track: r.earlier for r in revisions if r.kind == "renamed" and r.earlier != r.track}
    muted = {t.id for t in session.tracks if t.muted}
    # The old file may still lie beside the new one, muted: the two change places.
    names |= {old: new for new, old in names.items() if old in muted and old not in names}
    taken = {t.id for t in session.tracks} - set(names)
    names = {new: old for new, old in names.items() if old not in taken}
    if not names:
        return session, analysis
    return session_under(session, names), _renamed_analysis(analysis, names)


def _renamed_analysis(analysis: Analysis, names: Mapping[str, str]) -> Analysis:
    def new(id_: str) -> str:
        return names.get(id_, id_)

    return replace(
        analysis,
        tracks={new(i): replace(f, track=new(f.track)) for i, f in analysis.tracks.items()},
        problems=tuple(
            replace(p, track=new(p.track), other_track=None if p.other_track is None else new(p.other_track))
            for p in analysis.problems
        ),
        input_hashes={new(i): h for i, h in analysis.input_hashes.items()},
        sections=tuple(replace(s, tracks=tuple(new(t) for t in s.tracks)) for s in analysis.sections),
        buses={i: replace(b, members=tuple(new(m) for m in b.members)) for i, b in analysis.buses.items()},
        pickups=tuple(replace(p, track=new(p.track), reference=new(p.reference)) for p in analysis.pickups),
        masking=None if analysis.masking is None else analysis.masking.renamed(names),
    )


def changed_files(revisions: tuple[Revision, ...]) -> tuple[Changed, ...]:
    """The tracks, under their earlier ids, whose new file has another level or place than the old one."""
    return tuple(
        Changed(r.earlier, r.gain_db, r.offset_frames)
        for r in revisions
        if r.kind in ("revised", "renamed") and (r.gain_db or r.offset_frames)
    )
