"""The pairs an engineer looks at first, and what is done about each. All figures are the house's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """Who may be covered by whom, where, and how the one gives way.

    ``least_over_db``: from how far over the covered one a move is worth it (median while both sound). ``sure_over_db``:
    from where it is likely, not just worth a listen; None never. ``when`` says when the covered one counts.
    """

    name: str
    covered: tuple[str, ...]
    covering: tuple[str, ...]
    region_hz: tuple[float, float]
    least_over_db: float
    sure_over_db: float | None
    most: int
    attack_ms: float
    release_ms: float
    when: str
    cost: str
    hits: bool = False
    """The covered one is played in hits: where they begin is looked at, too."""


GUITARS = ("electric_guitar", "acoustic_guitar", "guitar")

KINDS = (
    Kind(
        "kick-bass",
        ("kick",),
        ("bass", "bass_di", "bass_amp"),
        (40.0, 120.0),
        least_over_db=0.0,
        sure_over_db=1.5,
        most=2,
        attack_ms=5.0,
        release_ms=120.0,
        when="under the kick",
        cost="The bass breathes with the kick: if you hear it, take less range or a longer release.",
        hits=True,
    ),
    Kind(
        "vocal-guitars",
        ("lead_vocal",),
        GUITARS,
        (1000.0, 5000.0),
        least_over_db=0.0,
        sure_over_db=2.0,
        most=2,
        attack_ms=20.0,
        release_ms=200.0,
        when="while the vocal sings",
        cost="A little less bite while there are words; all of it is back in the gaps.",
    ),
    Kind(
        "snare-vocal",
        ("lead_vocal",),
        ("snare",),
        (1500.0, 6000.0),
        least_over_db=3.0,
        sure_over_db=None,
        most=1,
        attack_ms=20.0,
        release_ms=200.0,
        when="while the vocal sings",
        cost="The crack is softer under words than in the breaks: leave it if the backbeat loses its drive.",
    ),
)
