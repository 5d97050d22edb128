"""A first balance without a rough: where each role usually sits. A rule of thumb, and said to be one."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.balance import MIX, weighted_median
from smartmix.suggesters.limits import FADER_DB
from smartmix.suggesters.suggester import Context
from smartmix.units import Z80

USUAL_LU = {
    "lead_vocal": 0.0,
    "backing_vocal": -6.0,
    "drums": 0.0,
    "kick": -2.0,
    "snare": -2.0,
    "toms": -4.0,
    "hihat": -9.0,
    "cymbals": -9.0,
    "overheads": -6.0,
    "room": -10.0,
    "percussion": -8.0,
    "bass": -3.0,
    "bass_di": -5.0,
    "bass_amp": -5.0,
    "electric_guitar": -6.0,
    "acoustic_guitar": -6.0,
    "guitar": -6.0,
    "piano": -6.0,
    "keys": -7.0,
    "organ": -8.0,
    "synth": -7.0,
    "pad": -10.0,
    "strings": -8.0,
    "brass": -6.0,
    "woodwind": -6.0,
    "lead": -3.0,
}
"""Usual level of a role while it sounds, LU against the lead vocal (K-weighted, both sides). House choice;
docs/rules.md says how far real mixes lie from it. Roles that are not listed have no usual place and stay
put."""
COUNT_LU = 7.0
"""Several tracks of one role share its place: each sits this times log10(their number) lower (house choice)."""
RULE_ERROR_LU = 4.0
"""How far a mixer's balance lies from such a rule: 3.9 dB mean error on real stems (measured on dev)."""
TRUST = 0.7
"""Share of the distance that is gone: raw levels scatter more than the rule errs, but not by much (house choice)."""
STAY_LU = 3.0
"""A track this near its usual place is left alone."""
FAR_LU = 9.0
"""Further than twice the rule's error: worth a move of its own, to listen to."""
FEWEST_TRACKS = 3
PLAIN_LU = 16.0
"""Four times the rule's error: no engineer would leave a vocal, kick, snare or bass there (house choice)."""
PLAIN_ROLES = ("lead_vocal", "kick", "snare", "bass", "drums")
"""Roles every mix is built around. How loud a synth, a pad or a guitar should be, two engineers answer differently."""
FEWEST_FOR_PLAIN = 5
"""Against fewer tracks the middle itself may be what is off."""
LISTEN, LIKELY = 0.6, 0.72


@dataclass(frozen=True, slots=True)
class _Off:
    """One track that is far from its usual place: ``off_lu`` > 0 is too loud."""

    track: Track
    off_lu: float

    @property
    def fader_db(self) -> float:
        """What brings it part of the way back."""
        return float(np.clip(-TRUST * self.off_lu, -FADER_DB, FADER_DB))


class RoleBalance:
    """One grouped move towards the usual balance, and one move for each track that is far out of it."""

    name = "role-balance"

    def suggest(self, context: Context) -> list[Move]:
        """[] with a rough, for prints, with fewer than three known roles, or when all sit about right."""
        if context.has_rough or context.analysis.material == "prints":
            return []
        off = _distances(context)
        far = [o for o in off if abs(o.off_lu) >= FAR_LU]
        near = [o for o in off if STAY_LU <= abs(o.off_lu) < FAR_LU]
        plain = len(off) >= FEWEST_FOR_PLAIN
        return [*([self._group(near)] if near else []), *(self._single(o, plain=plain) for o in far)]

    def _group(self, near: list[_Off]) -> Move:
        mean = float(np.mean([abs(o.fader_db) for o in near]))
        return Move(
            id=move_id(MIX, self.name, "fader"),
            track=MIX,
            title="Balance: towards the usual place of each role",
            source=self.name,
            confidence=0.45,
            reason="Raw levels and no rough to go by: this is the way to where such tracks usually sit.",
            sets=tuple(_fader(o) for o in near),
            interval=(mean - Z80 * RULE_ERROR_LU, mean + Z80 * RULE_ERROR_LU),
            result="Somewhere to start from, not a finished balance.",
            cost="A rule of thumb: real mixes lie 4 dB from it on average.",
            benefit=mean,
            grouped=True,
            evidence=tuple(_evidence(o) for o in near),
        )

    def _single(self, off: _Off, *, plain: bool) -> Move:
        where = "over" if off.off_lu > 0 else "under"
        name, change = off.track.name, off.fader_db
        error = Z80 * RULE_ERROR_LU * TRUST
        return Move(
            id=move_id(off.track.id, self.name, "fader"),
            track=off.track.id,
            title=f"{name}: fader {number(change, plus=True)} dB",
            source=self.name,
            confidence=LIKELY if plain and _is_plain(off) else LISTEN,
            reason=f"{name} sits {abs(off.off_lu):.0f} LU {where} the usual place of its role in this mix.",
            sets=(_fader(off),),
            interval=(change - error, change + error),
            result=f"{abs(change):.1f} dB {'nearer to' if off.off_lu < 0 else 'back into'} the band.",
            cost="If it is meant to be that way, reject it.",
            benefit=abs(change) / 2.0,
            evidence=(_evidence(off),),
        )


def _is_plain(off: _Off) -> bool:
    """Whether nobody would leave it so; a lead vocal never comes down unasked."""
    vocal_down = off.track.role == "lead_vocal" and off.off_lu > 0
    return off.track.role in PLAIN_ROLES and abs(off.off_lu) >= PLAIN_LU and not vocal_down


def _distances(context: Context) -> list[_Off]:
    """Distance of each track with a known role from its usual place, LU, against the median of all."""
    tracks = [
        t
        for t in context.session.audible_tracks
        if t.role in USUAL_LU and math.isfinite(context.analysis.tracks[t.id].active_lufs)
    ]
    if len(tracks) < FEWEST_TRACKS:
        return []
    counts = Counter(t.role for t in tracks)
    raw = [
        context.analysis.tracks[t.id].active_lufs
        + t.gain_db
        - USUAL_LU[t.role]
        + COUNT_LU * math.log10(counts[t.role])
        for t in tracks
    ]
    middle = weighted_median(raw, [1.0] * len(raw))
    return [_Off(t, value - middle) for t, value in zip(tracks, raw, strict=True) if not t.locked]


def _fader(off: _Off) -> MoveSet:
    return MoveSet(ParamRef(off.track.id, "fader", "gain_db"), "dB", 0.0, off.fader_db)


def _evidence(off: _Off) -> Evidence:
    where = "over" if off.off_lu > 0 else "under"
    text = f"{off.track.name} plays {abs(off.off_lu):.1f} LU {where} its usual place"
    return Evidence("level", text, off.off_lu, "LU", (off.track.id,))
