"""Prints beside their members: a drum bus beside kick and snare, a whole mix among the tracks. Never counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix.session.comparison import Explained, explained_by
from smartmix.session.findings import plain_name
from smartmix.session.gathering import stem_of
from smartmix.session.roles import family
from smartmix.session.track_names import group_print_of

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.session import Track

GROUP_SHARE = 0.7
"""A print named as one is its members' sum from this explained share on. Measured on dev: drum prints through 8:1
compression, EQ, drive and reverb at once are explained to 0.82 and more; a track by the others of its song to 0.27 at
most, 0.37 where they share a recording."""
UNSURE_SHARE = 0.35
MIX_SHARE = 0.75
"""The same for a whole mix with an innocent name, where no name speaks for it."""
MOST_OPPOSED = 0.3
"""A mix holds its tracks upright. A member held against print and other members enters
about half upside down (0.4 to 0.5)."""
SMALLEST_PART = 0.002
"""A member with less than this share of a print's power is not named as part of it."""
FEWEST_MEMBERS = 2
FEWEST_TRACKS = 3
MIX_COVERAGE = 0.85
"""A mix sounds in at least this share of the windows in which any track sounds."""


def mute_group_prints(gathering: Gathering) -> None:
    """Mute prints of a group ("Drums", "DRUM BUS", "vox stem") whose members are there too, if they explain it.

    The name makes it a candidate, listening decides: kept and said when they do not explain it, asked in between.
    """
    for track in gathering.audible:
        said = group_print_of(stem_of(track))
        if said is None or "muted" in track.told:
            continue
        members = [t for t in gathering.audible if t.id != track.id and family(t.role) == said[0]]
        members = [t for t in members if group_print_of(stem_of(t)) is None]
        if len(members) >= FEWEST_MEMBERS:
            _judge_group(gathering, track, members, marked=said[1])


def _judge_group(gathering: Gathering, track: Track, members: list[Track], *, marked: bool) -> None:
    heard = _explained(gathering, track, members)
    name, share = plain_name(track.path.name), f"{100 * heard.share:.0f} %"
    held = [t for t, part in zip(members, heard.parts, strict=True) if part >= SMALLEST_PART] or members
    names = ", ".join(plain_name(t.name) for t in held[:8]) + (" ..." if len(held) > 8 else "")
    if heard.share >= GROUP_SHARE:
        text = f"{name} is muted: it is the sum of {names} ({share} explained) and would count twice"
        gathering.mute(track, text, also=held)
    elif heard.share >= UNSURE_SHARE:
        text = f"is {name} a print of {names}? They explain {share} of it; it plays, mute it if it is"
        gathering.notices.add(text, "asked", (track.id,), question=True)
    elif marked:
        text = f"{name} is named like a print but {names} explain only {share} of it: it plays as a track of its own"
        gathering.notices.add(text, "kept", (track.id,))


def ask_about_mixes(gathering: Gathering) -> None:
    """A mix of all the other tracks under a name that says nothing ("SongTitle.wav"): muted, so that nothing counts
    twice, and asked about; it is not taken for the rough mix unasked.
    """
    for track in _mix_candidates(gathering):
        others = [t for t in gathering.audible if t.id != track.id]
        if len(others) < FEWEST_TRACKS:
            return
        heard = _explained(gathering, track, others)
        if heard.share < MIX_SHARE or heard.opposed > MOST_OPPOSED:
            continue
        name = plain_name(track.path.name)
        ask = (
            "another mix?" if gathering.rough else f'the rough mix? Then say rough = "{name}" in session.toml'
        )
        text = (
            f"{name} is a mix of the other tracks ({100 * heard.share:.0f} % explained) and is muted, "
            f"or everything would count twice: is it {ask}"
        )
        gathering.mute(track, text, question=True)


def _mix_candidates(gathering: Gathering) -> list[Track]:
    """Tracks without a role whose sound never pauses while others play, the loudest first."""
    audible = gathering.audible
    if len(audible) <= FEWEST_TRACKS:
        return []
    sounds = {t.id: gathering.ear.glance(t).sounds for t in audible}
    found = []
    for track in audible:
        if track.role != "unknown" or "muted" in track.told:
            continue
        any_other = np.any([sounds[t.id] for t in audible if t.id != track.id], axis=0)
        if any_other.any() and sounds[track.id][any_other].mean() >= MIX_COVERAGE:
            found.append(track)
    return sorted(found, key=lambda t: -gathering.ear.glance(t).loudest_dbfs)


def _explained(gathering: Gathering, track: Track, members: list[Track]) -> Explained:
    ear = gathering.ear
    return explained_by(ear.spectra(track), [ear.spectra(m) for m in members])
