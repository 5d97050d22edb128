"""High-pass what a track does not play: rumble under its lowest note."""

from __future__ import annotations

import math

from smartmix.analysis.analysis import Floats, TrackFacts
from smartmix.analysis.features import rumble_edge_hz
from smartmix.analysis.registers import rumble_top_hz
from smartmix.figures import note_name
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.limits import HIGH_PASS_SLOPE_DB_OCT
from smartmix.suggesters.suggester import Context

WORTH_DB = -26.0
"""Rumble quieter than this against its track takes no headroom and is left alone (house choice)."""
WORTH_WEIGHT_DB = -15.0
"""Under a kick or a bass some of that is the decay of the note itself."""
SURE_PER_DB = 0.03
LOWEST_CUT_HZ = 20.0
LOWEST_CHECKED_HZ = 80.0
"""Under this the bands right below a cut are the rumble itself."""
MUSIC_DB = 10.0
BASS_NOTE_HZ = 65.0
"""Whatever plays lower is treated like a bass."""
WEIGHT_ROLES = ("kick", "toms", "drums", "bass", "bass_di", "bass_amp")
"""How much weight stays under their notes is a matter of taste: never more than "likely"."""
SMALLEST_LOSS_DB = 0.05
Q = 0.7071


class Rumble:
    """A 12 dB/oct high-pass half an octave under the lowest note, where the track itself shows energy below that."""

    name = "rumble"

    def suggest(self, context: Context) -> list[Move]:
        """At most one move a track; none for a track that is clean down there."""
        moves = []
        for track in context.session.audible_tracks:
            facts = context.analysis.tracks[track.id]
            if not track.locked and math.isfinite(facts.active_lufs):
                moves.extend(self._for(track, facts, context.analysis.band_hz))
        return moves

    def _for(self, track: Track, facts: TrackFacts, band_hz: Floats) -> list[Move]:
        edge_hz = rumble_edge_hz(facts.lowest_note_hz, rumble_top_hz(track.role))
        low = facts.lowest_note_hz is not None and facts.lowest_note_hz < BASS_NOTE_HZ
        weight = low or track.role in WEIGHT_ROLES
        worth_db = WORTH_WEIGHT_DB if weight else WORTH_DB
        clean = facts.rumble_db < worth_db or edge_hz < LOWEST_CUT_HZ
        if clean or _music_at(facts, band_hz, edge_hz):
            return []
        cut_hz = float(round(edge_hz))
        confidence = 0.6 + SURE_PER_DB * (facts.rumble_db - WORTH_DB)
        if facts.lowest_note_hz is None or track.role == "unknown":
            confidence -= 0.15
        if weight:
            confidence = min(confidence, 0.65)
        id_ = move_id(track.id, self.name, "eq")
        return [
            Move(
                id=id_,
                track=track.id,
                title=f"{track.name}: high-pass at {cut_hz:.0f} Hz",
                source=self.name,
                confidence=min(0.95, max(0.3, confidence)),
                reason=_reason(facts, edge_hz),
                sets=_sets(track.id, id_, cut_hz),
                interval=(cut_hz / 2.0**0.25, cut_hz * 2.0**0.25),
                result=f"What lies an octave lower, at {cut_hz / 2.0:.0f} Hz, is 12 dB down.",
                cost=_cost(facts.lowest_note_hz, cut_hz),
                benefit=0.5 + 0.1 * (facts.rumble_db - WORTH_DB),
                evidence=(
                    Evidence(
                        kind="spectrum",
                        text=f"{facts.rumble_db:.0f} dB against the track under {edge_hz:.0f} Hz",
                        amount=facts.rumble_db,
                        unit="dB",
                        tracks=(track.id,),
                        band_hz=(0.0, edge_hz),
                    ),
                ),
            )
        ]


def _music_at(facts: TrackFacts, band_hz: Floats, cut_hz: float) -> bool:
    """Whether the track is about as strong right under the cut as anywhere: music without a pitch."""
    beside = (band_hz >= cut_hz / 1.5) & (band_hz <= cut_hz * 1.05)
    if cut_hz < LOWEST_CHECKED_HZ or not beside.any():
        return False
    return float(facts.spectrum_db[beside].max()) > float(facts.spectrum_db.max()) - MUSIC_DB


def _sets(track: str, id_: str, cut_hz: float) -> tuple[MoveSet, ...]:
    def ref(parameter: str) -> ParamRef:
        return ParamRef(track, "eq", f"{id_}.{parameter}")

    return (
        MoveSet(ref("shape"), "", "off", "high_pass"),
        MoveSet(ref("freq_hz"), "Hz", cut_hz, cut_hz),
        MoveSet(ref("q"), "", Q, Q),
        MoveSet(ref("slope_db_oct"), "dB/oct", HIGH_PASS_SLOPE_DB_OCT, HIGH_PASS_SLOPE_DB_OCT),
    )


def _reason(facts: TrackFacts, edge_hz: float) -> str:
    level = f"There is rumble under {edge_hz:.0f} Hz, {-facts.rumble_db:.0f} dB below the whole track"
    if facts.lowest_note_hz is None:
        return f"{level}, and nothing played that low."
    return f"{level}; the lowest note is {note_name(facts.lowest_note_hz)} ({facts.lowest_note_hz:.0f} Hz)."


def _cost(lowest_note_hz: float | None, cut_hz: float) -> str:
    if lowest_note_hz is None:
        return "No pitch was found low down: listen for weight that goes missing."
    loss = 10.0 * math.log10(1.0 + (cut_hz / lowest_note_hz) ** 4)
    if loss < SMALLEST_LOSS_DB:
        return "Nothing is lost on the lowest note."
    return f"{loss:.1f} dB off the very lowest note, nothing above."
