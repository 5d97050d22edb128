"""What the solver found, as moves: settings, reasons in the trade's words, evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.masking_facts import band_words, over_words
from smartmix.figures import hertz, number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.unmask.bells import Bell
from smartmix.suggesters.unmask.scene import Scene
from smartmix.suggesters.unmask.solver import Cut, Solution, over_db
from smartmix.suggesters.unmask.when import When, lane, on_share
from smartmix.units import db_to_power

Array = NDArray[np.float64]

NAME = "unmask"
RUN_SHARE = 0.4
"""The band that is named: where the cut wins this share of what it wins in its best band."""
SMALLEST_CUT_DB = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One solution with what words need: the scene, the tracks, and when each cut is on."""

    scene: Scene
    solution: Solution
    covered: Track
    confidence: float
    whens: tuple[When, ...] = ()
    """When each cut is on."""
    rides: dict[int, Array] = field(default_factory=dict)
    """Faders that come down instead, (columns, bands) by track index."""

    @property
    def ride_phon(self) -> float:
        """What the faders win, phon."""
        covered = self.solution.covered
        return covered.phon(self.rides) - covered.phon({})

    def steps(self, count: int) -> dict[int, Array]:
        """The first ``count`` cuts as they are over time, (columns, bands) by track index."""
        covered = self.solution.covered
        return {
            cut.giver.track: on_share(when.spans, self.scene, covered)[:, np.newaxis] * cut.curve_db
            for cut, when in zip(self.solution.cuts[:count], self.whens, strict=False)
        }

    def gain_phon(self, first: int, last: int) -> float:
        """What the cuts after the ``first`` and up to the ``last`` add, phon."""
        covered = self.solution.covered
        return covered.phon(self.steps(last)) - covered.phon(self.steps(first))


@dataclass(frozen=True, slots=True)
class Lift:
    """The covered track's fader up by so much, what that wins, and the share that comes through before and after."""

    up_db: float
    gain_phon: float
    before: float
    after: float


def cut_move(found: Found, number_of: int, covering: Track) -> Move:
    """The move of the ``number_of``-th cut of a solution."""
    solution, when = found.solution, found.whens[number_of]
    cut = solution.cuts[number_of]
    id_ = move_id(covering.id, NAME, "eq", found.covered.id)
    bells = [_rounded(b) for b in cut.bells]
    band_hz, over, after = _where(found, cut)
    share = [solution.covered.heard_share(found.steps(n)) for n in (number_of, number_of + 1)]
    told = ", ".join(f"{number(b.gain_db)} dB at {hertz(b.hz)}" for b in bells)
    while_on = f"while {found.covered.name} plays" + (f" ({_listed(when.sections)})" if when.sections else "")
    name, where = found.covered.name, f"at {band_words(band_hz)} {while_on}"
    return Move(
        id=id_,
        track=covering.id,
        title=f"{covering.name}: {told}{', while ' + found.covered.name + ' plays' if when.spans else ''}",
        source=NAME,
        confidence=found.confidence,
        reason=(
            f"It sits {over_words(over)} {name} {where}."
            if over > -0.5
            else f"It covers {name} from {over_words(over)} it {where}."
        ),
        sets=tuple(
            s
            for letter, b in zip("abc", bells, strict=False)
            for s in _bell_sets(covering.id, f"{id_}.{letter}", b, when)
        ),
        interval=_interval(bells),
        result=f"After, {over_words(after)} it there; {_percent(share[1])} of {found.covered.name} comes through "
        f"instead of {_percent(share[0])}.",
        cost="Thinner in solo: judge it in the mix.",
        benefit=0.5 * found.gain_phon(number_of, number_of + 1),
        evidence=_evidence(found, number_of, covering, (band_hz, over)),
    )


def level_move(found: Found, lift: Lift) -> Move:
    """The covered track's own fader, where cuts of the others do not get there within the house's limits."""
    track, cut = found.covered, found.solution.is_worth_it
    share, up_db = (lift.before, lift.after), lift.up_db
    ridden = " with the others ridden down" if found.rides else ""
    reason = f"{_percent(1.0 - share[0])} of it is covered{ridden}"
    reason += (
        " behind the cuts made for it; more EQ would thin the others more than it helps."
        if cut
        else ", and EQ in the others does not help."
    )
    promise = f"{_percent(share[0])} to {_percent(share[1])} of {track.name} comes through"
    return Move(
        id=move_id(track.id, NAME, "fader"),
        track=track.id,
        title=f"{track.name}: fader {number(up_db, plus=True)} dB",
        source=NAME,
        confidence=min(found.confidence, 0.6),
        reason=reason,
        sets=(MoveSet(ParamRef(track.id, "fader", "gain_db"), "dB", 0.0, up_db),),
        interval=(0.4 * up_db, 1.6 * up_db),
        result=f"{_percent(share[1])} of {track.name} comes through instead of {_percent(share[0])}.",
        cost="The balance moves: check it against the rough.",
        benefit=0.5 * lift.gain_phon,
        evidence=(Evidence("promise", promise, lift.gain_phon, "phon", (track.id,)),),
    )


def ride_move(found: Found, covering: Track, when: When, lift: Lift) -> Move:
    """The covering track's fader, where its EQ would have to move as many dB: down while the covered track plays."""
    name, down = found.covered.name, lift.up_db
    value = down if when.spans is None else lane(when.spans, down)
    before, after = _percent(lift.before), _percent(lift.after)
    facts = (
        Evidence("masking", f"{_percent(1.0 - lift.before)} of {name} is covered", 1.0 - lift.before, "share",
                 (covering.id, found.covered.id), None, when.span_s),
        Evidence("promise", f"{before} to {after} of {name} comes through", lift.gain_phon, "phon", (found.covered.id,),
                 None, when.span_s),
    )  # fmt: skip
    return Move(
        id=move_id(covering.id, NAME, "fader", found.covered.id),
        track=covering.id,
        title=f"{covering.name}: ride {number(down)} dB while {name} plays",
        source=NAME,
        confidence=min(found.confidence, 0.6),
        reason=f"It covers {name} over most of its spectrum: EQ would have to move as many dB as the fader.",
        sets=(MoveSet(ParamRef(covering.id, "fader", "gain_db"), "dB", 0.0, value),),
        interval=(1.6 * down, 0.4 * down),
        result=f"{after} of {name} comes through instead of {before}.",
        cost=f"{covering.name} steps back a little there.",
        benefit=0.5 * lift.gain_phon,
        evidence=facts,
    )


def no_move(found: Found, covering: Track | None, lift: Lift) -> Move:
    """That no EQ helps, and what would: advice without a setting."""
    covered, solution = found.covered, found.solution
    lost = f"{_percent(1.0 - solution.covered.heard_share({}))} of {covered.name} is covered"
    if solution.why_not == "overlap" and covering is not None:
        fader = number(-min(abs(solution.broadband_db), 2.0))
        reason = f"{lost}, and they share too much of the spectrum: EQ would cost {number(solution.cost_db)} dB in "
        through = _percent(solution.covered.heard_share(solution.curves))
        reason += f"{_tracks(len(solution.cuts))} to bring {through} of it through."
        advice = f"Ride {covering.name} {fader} dB while {covered.name} plays"
    else:
        reason = (
            f"{lost}, and no cut within 3 dB that leaves the others their body wins anything one would hear."
        )
        advice = "Change the arrangement"
    other = covering.name if covering is not None else "the rest"
    pair = (covered.id,) if covering is None else (covering.id, covered.id)
    phon = solution.covered.alone_phon - solution.covered.phon({})
    return Move(
        id=move_id(covered.id, NAME, "none"),
        track=f"{covered.name} vs {other}",
        title="no move",
        source=NAME,
        confidence=0.5,
        reason=reason,
        sets=(),
        result=f"{advice}, or {covered.name} up {number(lift.up_db)} dB ({_percent(lift.after)} comes through), "
        "or leave it.",
        evidence=(Evidence("masking", lost, phon, "phon", pair),),
    )


def _tracks(count: int) -> str:
    return "one track" if count == 1 else f"{count} tracks"


def _evidence(
    found: Found, number_of: int, covering: Track, place: tuple[tuple[float, float], float]
) -> tuple[Evidence, ...]:
    solution, when, name = found.solution, found.whens[number_of], found.covered.name
    band_hz, over = place
    before, after = (solution.covered.heard_share(found.steps(n)) for n in (number_of, number_of + 1))
    gain, every = found.gain_phon(number_of, number_of + 1), found.gain_phon(0, len(solution.cuts))
    promise = f"{_percent(before)} to {_percent(after)} of {name} comes through"
    facts = [
        Evidence(
            "masking", f"{over_words(over)} {name} at {band_words(band_hz)}", over, "dB",
            (covering.id, found.covered.id), band_hz, when.span_s,
        ),
        Evidence("promise", promise, gain, "phon", (found.covered.id,), band_hz, when.span_s),
    ]  # fmt: skip
    if len(solution.cuts) > 1 and every > 0.0:
        so_far = 100.0 * found.gain_phon(0, number_of + 1) / every
        text = f"the first {number_of + 1} of {len(solution.cuts)} cuts for {name} give {so_far:.0f} % of what all give"
        facts.append(Evidence("together", text, so_far, "%", (found.covered.id,)))
    return tuple(facts)


def _where(found: Found, cut: Cut) -> tuple[tuple[float, float], float, float]:
    """The band in which a cut wins most, and how far the covering track lies over there, before and after."""
    covered, scene = found.solution.covered, found.scene
    every = found.solution.curves
    without = {t: c for t, c in every.items() if t != cut.giver.track}
    each = np.maximum(covered.heard(every) - covered.heard(without), 0.0)
    won = each.mean(axis=0)
    first = last = int(np.argmax(won))
    enough = RUN_SHARE * won[first]
    while first > 0 and won[first - 1] >= enough:
        first -= 1
    while last < won.size - 1 and won[last + 1] >= enough:
        last += 1
    bands = slice(first, last + 1)
    own, other = (scene.level[t][covered.cells][..., bands] for t in (covered.track, cut.giver.track))
    weight = np.broadcast_to(each[:, np.newaxis, bands], own.shape)
    edges = scene.facts.band_edges_hz
    cut_other = other * db_to_power(cut.curve_db[bands])
    return (
        (float(edges[first]), float(edges[last + 1])),
        over_db(own, other, weight),
        over_db(own, cut_other, weight),
    )


def _bell_sets(track: str, section: str, bell: Bell, when: When) -> tuple[MoveSet, ...]:
    gain = bell.gain_db if when.spans is None else lane(when.spans, bell.gain_db)

    def ref(parameter: str) -> ParamRef:
        return ParamRef(track, "eq", f"{section}.{parameter}")

    return (
        MoveSet(ref("shape"), "", "off", "bell"),
        MoveSet(ref("freq_hz"), "Hz", bell.hz, bell.hz),
        MoveSet(ref("gain_db"), "dB", 0.0, gain),
        MoveSet(ref("q"), "", bell.q, bell.q),
    )


def _rounded(bell: Bell) -> Bell:
    """As a person would set it: two to three digits, tenths of a dB."""
    step = 10.0 if bell.hz < 1000.0 else 50.0 if bell.hz < 4000.0 else 100.0
    return Bell(step * round(bell.hz / step), round(bell.q, 1), round(bell.gain_db, 1))


def _interval(bells: list[Bell]) -> tuple[float, float]:
    deepest = min(b.gain_db for b in bells)
    return 1.6 * deepest, 0.4 * deepest


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _listed(names: tuple[str, ...]) -> str:
    short = [name.partition(" (")[0] for name in names]
    return short[0] if len(short) == 1 else f"{', '.join(short[:-1])} and {short[-1]}"
