"""Wet prints and effect returns beside the dry track they were made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.session.comparison import explained_by
from smartmix.session.findings import plain_name
from smartmix.session.gathering import stem_of
from smartmix.session.track_names import dry_key, wet_key, words

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.session import Track

HOLDS_DRY = 0.5
"""A wet print this much explained by its dry track holds the dry sound too (an effect alone: under 0.2)."""


def relate_wet_prints(gathering: Gathering) -> None:
    """Recognise "Vox wet" beside "Vox dry" or "Vox", and "Snare verb print" beside "Snare": both stay, the wet one
    becomes an effect that belongs to the dry one. A print that holds the dry sound as well is asked about.
    """
    for track in list(gathering.tracks):
        source = wet_key(stem_of(track))
        if source is None or track.role in ("click", "guide", "talkback"):
            continue
        dry = _dry_track(gathering, track, source)
        if dry is not None:
            _relate(gathering, track, dry)


def _dry_track(gathering: Gathering, wet: Track, source: tuple[str, ...]) -> Track | None:
    """The one track whose name is the source's, said to be dry or plain; None when there is none or several."""
    others = [t for t in gathering.tracks if t.id != wet.id and wet_key(stem_of(t)) is None and not t.muted]
    said_dry = [t for t in others if dry_key(stem_of(t)) == (source, True)]
    plain = [t for t in others if tuple(words(stem_of(t))) == source]
    found = said_dry or plain
    return found[0] if len(found) == 1 else None


def _relate(gathering: Gathering, wet: Track, dry: Track) -> None:
    effect = {} if wet.role_source == "session" else {"role": "effects", "role_source": "name"}
    gathering.change(wet, child_of=dry.id, **effect)
    names = plain_name(wet.path.name), plain_name(dry.path.name)
    ids = (wet.id, dry.id)
    if wet.muted or "muted" in wet.told:
        return
    ear = gathering.ear
    share = explained_by(ear.spectra(wet), [ear.spectra(dry)]).share
    if share >= HOLDS_DRY:
        text = f"{names[0]} holds the dry sound of {names[1]} too; both play, so it counts twice: mute one of them?"
        gathering.notices.add(text, "asked", ids, question=True)
    else:
        gathering.notices.add(
            f"{names[0]} is the effect that belongs to {names[1]}; both play", "related", ids
        )
