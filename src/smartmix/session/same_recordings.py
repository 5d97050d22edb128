"""One recording under two names: a part printed twice, as two instruments."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.session.comparison import explained_by
from smartmix.session.findings import plain_name
from smartmix.session.roles import family

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering
    from smartmix.session.listening import Glance
    from smartmix.session.session import Track

MOST_TRACKS = 96
"""Beyond this many tracks the comparison of all with all costs more than it finds (house)."""
SUSPECT = 0.5
SAME = 0.75
"""Each explains this much of the other. Measured on dev: one pair ("pluck" and "vox_lead" of one song, 0.82 and 0.91),
every other pair of tracks under 0.4."""


def ask_about_same_recordings(gathering: Gathering) -> None:
    """Ask about two tracks of different families that hold the same recording, processed or not: both play, and one may
    be a mistake. Microphones of one source, a DI and its amp, and effects with their source are meant to be alike.
    """
    audible = gathering.audible
    if len(audible) > MOST_TRACKS:
        return
    for first, second in combinations(audible, 2):
        if _may_be_same(first, second) and _suspect(gathering, first, second):
            _ask(gathering, first, second)


def _may_be_same(first: Track, second: Track) -> bool:
    families = {family(first.role), family(second.role)}
    related = first.child_of == second.id or second.child_of == first.id
    told = "muted" in first.told and "muted" in second.told
    return len(families) == 2 and "effects" not in families and not related and not told


def _suspect(gathering: Gathering, first: Track, second: Track) -> bool:
    """Whether the glances agree, with one complex gain for each bin."""
    a, b = (_bins(gathering.ear.glance(t)) for t in (first, second))
    own, other = (np.square(np.abs(s)).sum(axis=0) for s in (a, b))
    shared = np.square(np.abs((a * b.conj()).sum(axis=0))) / np.maximum(own, 1e-30)
    return float(shared.sum()) > SUSPECT * float(other.sum()) > 0.0


def _bins(glance: Glance) -> NDArray[np.complex128]:
    return np.asarray(glance.signature.mean(axis=0), dtype=np.complex128)


def _ask(gathering: Gathering, first: Track, second: Track) -> None:
    ear = gathering.ear
    spectra = ear.spectra(first), ear.spectra(second)
    share = min(explained_by(spectra[0], [spectra[1]]).share, explained_by(spectra[1], [spectra[0]]).share)
    if share < SAME:
        return
    text = (
        f"{plain_name(first.path.name)} and {plain_name(second.path.name)} hold the same recording "
        f"({100 * share:.0f} % of one explains the other); both play: is one of them a wrong export?"
    )
    gathering.notices.add(text, "asked", (first.id, second.id), question=True)
