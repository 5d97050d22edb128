"""The masking map as it stands behind the moves that are taken for granted: faders, trims and EQ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis
from smartmix.analysis.masking_facts import MaskingCells, MaskingFacts, decode_level
from smartmix.plan.accept import is_confident, is_free
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.processors import ParametricEQ
from smartmix.session.routing import bus_members
from smartmix.session.session import Session
from smartmix.units import db_to_power, power_to_db

Array = NDArray[np.float64]
_IN_BAND = 3
"""A filter's effect on a band is read at so many frequencies across it."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Powers at the ear (tracks, cells, bands): ``before`` as measured, ``level`` and ``cover`` behind the moves.

    ``eq_db`` (tracks, bands) is what EQ of other moves does to each track while it is on.
    """

    facts: MaskingFacts
    cells: MaskingCells
    before: Array
    before_cover: Array
    level: Array
    cover: Array
    eq_db: Array
    is_plain: bool
    """Whether nothing has changed since it was measured."""

    @property
    def band_hz(self) -> Array:
        """Middle of each band, Hz."""
        edges = self.facts.band_edges_hz
        return np.asarray(np.sqrt(edges[:-1] * edges[1:]))


def scene_of(session: Session, analysis: Analysis, moves: Iterable[Move]) -> Scene | None:
    """The scene behind ``moves``; None without a masking map. The mix is played as loud as it was before them."""
    facts = analysis.masking
    if facts is None or facts.cells is None:
        return None
    cells = facts.cells
    before, cover = (_powers(codes) for codes in (cells.level_codes, cells.cover_codes))
    gain_db = np.zeros(before.shape[:2])
    eq_db = np.zeros((before.shape[0], before.shape[2]))
    change = np.zeros_like(before)
    for move in moves:
        on = _on(move.span_s, cells.times_s)
        for setting in move.sets:
            if _is_level(setting):
                for track in bus_members(session, setting.ref.track) & set(facts.tracks):
                    gain_db[facts.index(track)] += on * _drawn(setting, cells.times_s)
        for track, response in _eq_of(move, facts).items():
            eq_db[facts.index(track)] += response
            change[facts.index(track)] += on[:, np.newaxis] * response
    change += gain_db[:, :, np.newaxis]
    gain = db_to_power(change - _louder_db(before, change))
    if not change.any():
        return Scene(facts, cells, before, cover, before, cover, eq_db, True)
    return Scene(facts, cells, before, cover, before * gain, cover * gain, eq_db, False)


def taken_for_granted(moves: Iterable[Move], earlier: MixPlan | None = None) -> list[Move]:
    """Moves that are sure enough to be accepted unseen, without trims that were refused. What else a person decided
    does not count: a decision about one move would make others stale that were told in the same breath.
    """
    refused = {m.id for m in earlier.moves if m.status == "rejected"} if earlier is not None else set()
    return [m for m in moves if (is_confident(m) or is_free(m)) and not (is_free(m) and m.id in refused)]


def bell_response_db(hz: float, q: float, gain_db: float, edges_hz: NDArray[np.floating]) -> Array:
    """(bands,) what a bell does to each band, dB: the mean of its power across the band."""
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", hz, gain_db, q
    return response_in_bands(eq, edges_hz)


def response_in_bands(eq: ParametricEQ, edges_hz: NDArray[np.floating]) -> Array:
    """(bands,) mean power response of an EQ across each band, dB."""
    edges = np.asarray(edges_hz, np.float64)
    places = (np.arange(_IN_BAND) + 0.5) / _IN_BAND
    hz = edges[:-1, np.newaxis] * (edges[1:] / edges[:-1])[:, np.newaxis] ** places
    power = db_to_power(np.asarray(eq.response_db(hz.ravel()))).reshape(hz.shape)
    return np.asarray(power_to_db(np.maximum(power.mean(axis=1), 1e-12)))


def _powers(codes: NDArray[np.uint8]) -> Array:
    return np.asarray(db_to_power(decode_level(codes).astype(np.float64)))


def _on(span_s: tuple[float, float] | None, times_s: Array) -> Array:
    if span_s is None:
        return np.ones(times_s.size)
    return ((times_s >= span_s[0]) & (times_s < span_s[1])).astype(np.float64)


def _is_level(setting: MoveSet) -> bool:
    return setting.ref.device in ("fader", "trim") and setting.ref.parameter == "gain_db"


def _drawn(setting: MoveSet, times_s: Array) -> Array:
    value = setting.value
    if isinstance(value, tuple):
        return np.asarray(np.interp(times_s, [p.time_s for p in value], [p.value for p in value]))
    return np.full(times_s.size, 0.0 if isinstance(value, str) else value)


def _eq_of(move: Move, facts: MaskingFacts) -> dict[str, Array]:
    """(bands,) response of the EQ sections a move sets, dB, by track; a lane counts with its deepest point."""
    sections: dict[tuple[str, str], dict[str, float | str]] = {}
    for setting in move.sets:
        if setting.ref.device == "eq" and setting.ref.track in facts.tracks:
            name, _, parameter = setting.ref.parameter.rpartition(".")
            value = setting.value
            single = max((p.value for p in value), key=abs) if isinstance(value, tuple) else value
            sections.setdefault((setting.ref.track, name), {})[parameter] = single
    found: dict[str, Array] = {}
    for (track, _), values in sections.items():
        response = _section_response(values, facts.band_edges_hz)
        found[track] = found.get(track, np.zeros(response.size)) + response
    return found


def _section_response(values: Mapping[str, float | str], edges_hz: Array) -> Array:
    eq = ParametricEQ()
    for name, value in values.items():
        eq.set(
            f"band1.{name}", f"{value:g}" if name == "slope_db_oct" and not isinstance(value, str) else value
        )
    return response_in_bands(eq, edges_hz)


def _louder_db(before: Array, change_db: Array) -> float:
    """How much louder the whole gets, dB: the listener would turn it back."""
    was = float(before.sum())
    now = float((before * db_to_power(change_db)).sum())
    return float(power_to_db(now / was)) if was > 0.0 and now > 0.0 else 0.0
