"""Cut what rings, and mud, boxiness and harshness where the track itself bulges. Never a boost; mostly nothing."""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.analysis.bulge import Bulge, find_bulge
from smartmix.analysis.fine_spectrum import FineSpectrum
from smartmix.analysis.resonance import Resonance, find_resonances
from smartmix.figures import hertz, number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.suggesters.limits import CUT_DB, CUT_Q, SMALLEST_CUT_DB, SURGICAL_CUT_DB, SURGICAL_Q
from smartmix.suggesters.suggester import Context

RING_OVER_DB = 4.5
"""Median height over the surroundings from which a ring is looked at (tuned on dev)."""
RING_USUALLY_DB = 3.5
"""Three frames in four must exceed this: a note comes and goes (tuned on dev)."""
RING_SHARE = 0.75
RING_SAMENESS = 0.5
"""What plays around it must change; one drum hit or chord over and over has its own colour (tuned on dev)."""
RING_FALL_DB = (1.0, 9.0)
"""A bell falls this much 1/8 octave beside its peak; a line falls further: a note, a drone or hum (tuned on dev)."""
NOTE_TOP_HZ = 400.0
"""Under this a note is as wide as a bell in the analysis: a ring must then be heard nearly all the time."""
LOW_USUALLY_DB = 5.0
LOW_SHARE = 0.9
RING_TAKEN = 0.7
"""Share of the height that is cut: the ear misses what is gone more than it minds the rest (house)."""
MOST_RINGS = 2
CLEAR_RING_DB = 6.0
CLEAR_USUALLY_DB = 4.5
CLEAR_SAMENESS = 0.42

BULGE_TAKEN = 0.4
BULGE_SIDES_DB = 5.5
BULGE_TREND_DB = 5.0
BULGE_USUALLY_DB = 3.0
CLEAR_SIDES_DB = 9.0
"""Clean tracks reach 6.2 dB over both sides (measured on dev): only far beyond that is a bulge a likely fault."""
UNSURE = 0.65
PRINTS_LESS = 0.15
"""Prints were judged by somebody already."""


@dataclass(frozen=True, slots=True)
class Region:
    """A fault with a name: where it lies, and on which families of roles it counts as one."""

    name: str
    word: str
    low_hz: float
    high_hz: float
    families: tuple[str, ...]
    cost: str


REGIONS = (
    Region("mud", "muddy", 200.0, 500.0, ("vocals", "guitars", "keys"), "Less warmth in solo"),
    Region("harshness", "harsh", 2000.0, 5000.0, ("vocals", "guitars", "keys"), "Less bite in solo"),
)


class CorrectiveEq:
    """Surgical cuts on rings, broad cuts on bulges; at most two and one a track."""

    name = "corrective-eq"

    def suggest(self, context: Context) -> list[Move]:
        """The cuts, rings first; [] for nearly every track. On prints no broad cuts."""
        prints = context.analysis.material == "prints"
        moves: list[Move] = []
        for track in context.session.audible_tracks:
            tone = context.analysis.tracks[track.id].tone
            if track.locked or tone is None or tone.spectrum is None:
                continue
            moves.extend(self._rings(track, tone.spectrum, prints))
            if not prints:
                moves.extend(self._bulges(track, tone.spectrum))
        return moves

    def _rings(self, track: Track, spectrum: FineSpectrum, prints: bool) -> list[Move]:
        rings = [r for r in find_resonances(spectrum, least_db=RING_OVER_DB) if is_ring(r)]
        worst = sorted(rings, key=lambda r: -r.over_db)[:MOST_RINGS]
        return [ring_move(track, ring, prints=prints) for ring in sorted(worst, key=lambda r: r.hz)]

    def _bulges(self, track: Track, spectrum: FineSpectrum) -> list[Move]:
        found: list[tuple[Bulge, Region]] = []
        for region in REGIONS:
            if family(track.role) not in region.families:
                continue
            bulge = find_bulge(spectrum, region.low_hz, region.high_hz)
            if bulge is not None and is_bulge(bulge):
                found.append((bulge, region))
        found.sort(key=lambda item: -item[0].over_sides_db)
        return [bulge_move(track, bulge, region) for bulge, region in found[:1]]


def is_ring(found: Resonance) -> bool:
    """Whether a peak is a ring and neither a note nor the colour of one sound."""
    low = found.hz < NOTE_TOP_HZ
    return (
        found.usually_over_db >= (LOW_USUALLY_DB if low else RING_USUALLY_DB)
        and found.share >= (LOW_SHARE if low else RING_SHARE)
        and found.sameness <= RING_SAMENESS
        and RING_FALL_DB[0] <= found.fall_db <= RING_FALL_DB[1]
    )


def is_bulge(found: Bulge) -> bool:
    """Whether a region stands out against both sides and the trend, nearly all the time."""
    return (
        found.over_sides_db >= BULGE_SIDES_DB
        and found.over_trend_db >= BULGE_TREND_DB
        and found.usually_over_db >= BULGE_USUALLY_DB
    )


def ring_move(track: Track, ring: Resonance, *, prints: bool) -> Move:
    """The surgical cut for a ring."""
    cut_db = round(min(SURGICAL_CUT_DB, max(SMALLEST_CUT_DB, RING_TAKEN * ring.over_db)), 1)
    q, hz = round(min(SURGICAL_Q, ring.q), 1), float(round(ring.hz))
    clear = (
        ring.over_db >= CLEAR_RING_DB
        and ring.usually_over_db >= CLEAR_USUALLY_DB
        and ring.sameness <= CLEAR_SAMENESS
    )
    confidence = min(0.85, 0.72 + 0.02 * (ring.over_db - CLEAR_RING_DB)) if clear else UNSURE - 0.05
    id_ = move_id(track.id, CorrectiveEq.name, "eq", "ring", hz)
    over, after = number(ring.over_db), number(ring.over_db - cut_db)
    return Move(
        id=id_,
        track=track.id,
        title=f"{track.name}: {number(-cut_db)} dB at {hertz(hz)}, Q {q:g}",
        source=CorrectiveEq.name,
        confidence=min(confidence - PRINTS_LESS, UNSURE) if prints else confidence,
        reason=f"{hertz(hz)} rings {over} dB over what lies beside it, in {100 * ring.share:.0f} % of the time it "
        "sounds, whatever is played.",
        sets=cut_sets(track.id, id_, hz, -cut_db, q),
        interval=(-min(SURGICAL_CUT_DB + 2.0, 1.3 * ring.over_db), -0.3 * ring.over_db),
        result=f"It stands {after} dB over its surroundings.",
        cost="A touch less body on notes that fall there; check it against bypass on one held note.",
        benefit=0.5 * cut_db,
        evidence=(
            Evidence(
                kind="resonance",
                text=f"{over} dB over its surroundings at {hertz(hz)}",
                amount=ring.over_db,
                unit="dB",
                tracks=(track.id,),
                band_hz=(hz / 2.0**0.125, hz * 2.0**0.125),
                span_s=ring.span_s,
            ),
        ),
    )


def bulge_move(track: Track, bulge: Bulge, region: Region) -> Move:
    """The broad cut for mud or harshness."""
    cut_db = round(min(CUT_DB, max(SMALLEST_CUT_DB, BULGE_TAKEN * bulge.over_sides_db)), 1)
    q, hz = round(min(CUT_Q, bulge.q), 1), float(round(bulge.hz, -1))
    clear = bulge.over_sides_db >= CLEAR_SIDES_DB
    id_ = move_id(track.id, CorrectiveEq.name, "eq", region.name)
    sides, band = number(bulge.over_sides_db), f"{hertz(region.low_hz)} to {hertz(region.high_hz)}"
    return Move(
        id=id_,
        track=track.id,
        title=f"{track.name}: {number(-cut_db)} dB at {hertz(hz)}, Q {q:g}",
        source=CorrectiveEq.name,
        confidence=0.72 if clear else 0.5,
        reason=f"It is {region.word}: {band} lies {sides} dB over what is beside it and "
        f"{number(bulge.over_trend_db)} dB over the track's own trend, most of the time.",
        sets=cut_sets(track.id, id_, hz, -cut_db, q),
        interval=(-1.5 * cut_db, -0.5 * cut_db if clear else 0.5),
        result=f"About {number(bulge.over_sides_db - 0.7 * cut_db)} dB over what is beside it.",
        cost=f"{region.cost}: judge it in the mix.",
        benefit=0.3 * cut_db,
        evidence=(
            Evidence(
                kind="bulge",
                text=f"{band} {sides} dB over both sides",
                amount=bulge.over_sides_db,
                unit="dB",
                tracks=(track.id,),
                band_hz=(region.low_hz, region.high_hz),
            ),
        ),
    )


def cut_sets(track: str, section: str, hz: float, gain_db: float, q: float) -> tuple[MoveSet, ...]:
    """A bell of the track's EQ as settings of a move."""

    def ref(parameter: str) -> ParamRef:
        return ParamRef(track, "eq", f"{section}.{parameter}")

    return (
        MoveSet(ref("shape"), "", "off", "bell"),
        MoveSet(ref("freq_hz"), "Hz", hz, hz),
        MoveSet(ref("gain_db"), "dB", 0.0, gain_db),
        MoveSet(ref("q"), "", q, q),
    )
