"""The EQ of a master: the mid brought to the reference's, the side along with it, nothing lifted that is only noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from smartmix.figures import number
from smartmix.mastering.foresight import limiter_tone_db
from smartmix.mastering.masterplan import LevelAim
from smartmix.mastering.portrait import Portrait
from smartmix.mastering.references import Reference
from smartmix.mastering.stage import MasterStage
from smartmix.matching.bands import fit_curve, response_at
from smartmix.matching.curve import presence
from smartmix.matching.grid import GRID_HZ, OCTAVE, Floats, averaged, existing
from smartmix.matching.thirds import thirds_curve
from smartmix.matching.tone import Tone
from smartmix.processors import ParametricEQ
from smartmix.processors.values import Value

LIMIT_DB = 15.0
"""No band of a tone is moved further than this (house): what asks for more is another instrument, not another tone."""
Detail = Literal["tone", "spectrum"]
SMOOTHNESS: dict[Detail, float] = {"tone": 0.015, "spectrum": 0.002}
"""How much more a third octave that follows the notes takes after its neighbours. Less comes nearer to the reference,
and more of the notes that it plays come along: the two cannot be had together (docs/mastering.md, measured)."""
MID_BANDS: dict[Detail, int] = {"tone": 16, "spectrum": 24}
SIDE_BANDS, WIDTH_BANDS = 8, 4
OVER_CURVE = 1.1
ROUNDS: dict[Detail, int] = {"tone": 0, "spectrum": 2}
"""Of the fit of the bands: more changes hundredths of a dB, and bands that go further fight each other."""
SIDE_NONE_DB, SIDE_SURE_DB = -40.0, -25.0
"""Side against mid in a band: only noise, and surely music (house)."""
HEARD_DB = 0.1
WORTH_SAYING_DB = 0.3
WIDER_DB, NARROWER_DB = 4.0, 6.0
"""Most a band of the side is lifted and lowered for its width (house)."""
WIDE_FROM_HZ = (120.0, 200.0)
"""Nothing is widened under the first; all of it over the second."""
NOISE_SLACK_DB = 0.25
NOISE_MARGIN_DB = 2.0
"""Noise of the side goes this far under where the middle goes: bands that are fitted miss by about as much."""


@dataclass(frozen=True, slots=True, eq=False)
class ToneAim:
    """What is to change, dB per band of ``GRID_HZ``: the mid, the side beyond it, and how far the side is music.

    ``ahead_db``: how much of ``mid_db`` is there because a limiter that aims at ``ahead_lufs`` is going to take it.
    """

    mid_db: Floats
    width_db: Floats
    side_music: Floats
    detail: Detail = "tone"
    ahead_db: Floats | None = None
    ahead_lufs: float = math.nan


def tone_aim(source: Portrait, references: Sequence[Reference], detail: Detail = "tone") -> ToneAim:
    """The weighted mean in dB of what each reference asks for."""
    mid, width = np.zeros(GRID_HZ.size), np.zeros(GRID_HZ.size)
    music = side_music(source)
    for each in references:
        mid += each.weight * _mid_curve(source.mid, each.portrait.mid, SMOOTHNESS[detail])
        width += each.weight * _width_curve(source, each.portrait, music)
    return ToneAim(mid, width, music, detail)


def foreseeing(aim: ToneAim, source: Portrait, level: LevelAim, share: float) -> ToneAim:
    """The aim with what the limiter is going to take given back beforehand; nothing where nothing is to change."""
    if not aim.mid_db.any():
        return aim
    lost = limiter_tone_db(source, share * aim.mid_db, level)
    mid_db = np.clip(aim.mid_db - lost, -LIMIT_DB, LIMIT_DB)
    return replace(aim, mid_db=mid_db, ahead_db=-lost, ahead_lufs=level.target_lufs)


def side_music(portrait: Portrait) -> Floats:
    """How far the side is music and not noise in each band, 0 to 1."""
    if portrait.side is None:
        return np.zeros(GRID_HZ.size)
    there = existing(portrait.sample_rate)
    mid, side = (_octaves_db(tone, there) for tone in (portrait.mid, portrait.side))
    over = np.clip((side - mid - SIDE_NONE_DB) / (SIDE_SURE_DB - SIDE_NONE_DB), 0.0, 1.0)
    return np.asarray(over * presence(portrait.side, side))


def eq_stage(source: Portrait, aim: ToneAim, names: str) -> MasterStage:
    """The bands: one EQ for both where the side may follow all the way, else one for the mid and one for the side."""
    mid = _fit(aim.mid_db, source, MID_BANDS[aim.detail], ROUNDS[aim.detail])
    settings = {"both": mid.settings()}
    if not mid.settings():  # nothing to do for the middle: nothing to do
        return MasterStage("eq", f"Tone of {names}", _tone_reason(aim.mid_db, names))
    wanted_side = aim.mid_db - (1.0 - aim.side_music) * (np.maximum(aim.mid_db, 0.0) + NOISE_MARGIN_DB)
    if source.side is not None and np.abs(wanted_side - aim.mid_db).max() > HEARD_DB:
        side = _fit(wanted_side, source, SIDE_BANDS)
        quiet_side = _held_down(side, aim.side_music, source.sample_rate)
        settings = {"mid": mid.settings(), "side": quiet_side.settings()}
    settings = {device: values for device, values in settings.items() if values}
    reason = _tone_reason(aim.mid_db, names)
    if aim.ahead_db is not None and np.abs(aim.ahead_db).max() >= WORTH_SAYING_DB:
        limiter = f"a limiter that aims at {number(aim.ahead_lufs)} LUFS and changes them the other way"
        reason += f"; of that {largest(aim.ahead_db)} ahead of {limiter}"
    return MasterStage("eq", f"Tone of {names}", reason, settings=settings)


def width_stage(source: Portrait, aim: ToneAim, names: str) -> MasterStage:
    """Bands on the side alone."""
    if source.side is None or not np.any(np.abs(aim.width_db) > HEARD_DB):
        why = "one channel has no width" if source.channels == 1 else "the sides are silent: nothing to widen"
        if source.side is not None:
            why = f"as wide as {names} in every band"
        return MasterStage("width", f"Width of {names}", why)
    side = _fit(aim.width_db, source, WIDTH_BANDS)
    side = _held_down(side, aim.side_music, source.sample_rate)
    settings: dict[str, dict[str, Value]] = {"side": side.settings()} if side.settings() else {}
    return MasterStage("width", f"Width of {names}", _width_reason(aim.width_db, names), settings=settings)


def _fit(curve_db: Floats, source: Portrait, bands: int, rounds: int = ROUNDS["tone"]) -> ParametricEQ:
    return fit_curve(curve_db, source.sample_rate, bands, rounds=rounds, over_curve=OVER_CURVE)


def _mid_curve(source: Tone, reference: Tone, smoothness: float) -> Floats:
    curve = thirds_curve(source, reference, smoothness, LIMIT_DB)
    return curve if np.abs(curve).max() > HEARD_DB else np.zeros(GRID_HZ.size)


def _width_curve(source: Portrait, reference: Portrait, music: Floats) -> Floats:
    """By how much the side is to change against the mid; nothing is asked of a mono reference."""
    if source.side is None or reference.side is None:
        return np.zeros(GRID_HZ.size)
    there = existing(source.sample_rate) & existing(reference.sample_rate)
    wanted = _side_over_mid(reference, there) - _side_over_mid(source, there)
    sure = music * presence(source.mid, _octaves_db(source.mid, there)) * there
    sure *= presence(reference.mid, _octaves_db(reference.mid, there))
    curve = np.clip(wanted, -NARROWER_DB, WIDER_DB) * sure
    low, full = np.log2(WIDE_FROM_HZ)
    curve = np.where(curve > 0.0, curve * np.clip((np.log2(GRID_HZ) - low) / (full - low), 0.0, 1.0), curve)
    return np.asarray(averaged(curve, OCTAVE, np.ones(GRID_HZ.size, np.bool_)))


def _side_over_mid(portrait: Portrait, there: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    assert portrait.side is not None
    return _octaves_db(portrait.side, there) - _octaves_db(portrait.mid, there)


def _octaves_db(tone: Tone, there: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(averaged(tone.band_power, OCTAVE, there), 1e-20)))


def _held_down(eq: ParametricEQ, music: Floats, sample_rate: float) -> ParametricEQ:
    """The bands with their boosts taken back until nothing that is only noise is lifted by their skirts."""
    noise = (music < 0.05) & existing(sample_rate)
    boosts = [
        info.id for info in eq.parameters if info.id.endswith(".gain_db") and float(eq.get(info.id)) > 0.0
    ]
    full = {name: float(eq.get(name)) for name in boosts}
    for share in np.linspace(1.0, 0.0, 11):
        for name, gain_db in full.items():
            eq.set(name, round(gain_db * float(share), 2))
        if not noise.any() or response_at(eq, GRID_HZ, sample_rate)[noise].max() <= NOISE_SLACK_DB:
            break
    return eq


def _tone_reason(curve_db: Floats, names: str) -> str:
    if not np.any(np.abs(curve_db) > HEARD_DB):
        return f"the tone is that of {names} already"
    return f"against the mix, {names}: {largest(curve_db)}"


def _width_reason(curve_db: Floats, names: str) -> str:
    return f"sides against the middle, {names}: {largest(curve_db)}"


_REGIONS = (
    ("lows", 20.0, 120.0),
    ("low mids", 120.0, 500.0),
    ("mids", 500.0, 2000.0),
    ("presence", 2000.0, 6000.0),
    ("air", 6000.0, 20_000.0),
)


def largest(curve_db: Floats, hz: Floats = GRID_HZ) -> str:
    """The two regions that differ most, in words; ``curve_db`` at ``hz``, nan where nothing plays."""
    means = [
        (float(np.nan_to_num(curve_db[(low <= hz) & (high > hz)]).mean()), name)
        for name, low, high in _REGIONS
    ]
    ranked = sorted(means, key=lambda each: -abs(each[0]))[:2]
    return " and ".join(f"{abs(db):.1f} dB {'more' if db > 0 else 'less'} {name}" for db, name in ranked)
