"""An EQ's knobs fitted to a curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmix.parameter import ParameterInfo
from smartmix.rack.device import Device
from smartmix.rack.intents.fit import TOLERANCE_DB, Fit
from smartmix.rack.intents.gain_tables import TableSearch, gain_tables
from smartmix.rack.intents.intent import WITHOUT_GAIN, EQBand, EQIntent, curve_db
from smartmix.rack.intents.probe import Curves, curves_db, points_hz
from smartmix.rack.intents.search import Places, Search, off_db, rms
from smartmix.rack.intents.survey import Section, place, require_eq, survey_eq

WIDTHS = (0.25, 0.5, 0.75)
"""Where the search begins with the knob that widens a band: nobody knows yet what it means."""
TABLE_DB = 0.05
"""Where the device's curve is this far from the sum of its bands, rms, the search goes on on the device."""
SPARE_DB = 0.1
"""An idle band is asked to help while the error is larger than this."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What of an EQ is free to carry out moves: its bands that the chain leaves at 0 dB."""

    device: Device
    sample_rate: float
    sections: tuple[Section, ...]
    base: dict[str, float]
    base_db: Curves

    def infos(self, sections: Sequence[Section]) -> list[ParameterInfo]:
        """The knobs of bands: gains first, then what moves and widens them."""
        names = [s.gain for s in sections] + [n for s in sections for n in (s.freq, s.width) if n]
        return [self.device.info(name) for name in names]


def frame_of(device: Device, sample_rate: float) -> Frame:
    """The free bands of an EQ; PluginError for a device that is none, or has none left."""
    survey = survey_eq(device, sample_rate)
    require_eq(device, survey, sample_rate)
    free = tuple(s for s in survey.sections if abs(float(device.get(s.gain))) < 1e-3)
    base = {s.gain: 0.0 for s in free}
    return Frame(device, sample_rate, free, base, curves_db(device, [base], sample_rate)[0])


def fit_eq(device: Device, intent: EQIntent, sample_rate: float) -> Fit:
    """Settings of an EQ that carry out ``intent`` on top of how the device is set; bands it is set with stay.

    The response is measured on twins of the device, never on itself. PluginError for a device that is no EQ.
    """
    frame = frame_of(device, sample_rate)
    return fit_frame(frame, intent.bands)


def fit_frame(frame: Frame, bands: Sequence[EQBand]) -> Fit:
    """``fit_eq`` on what is free of a device."""
    return found(frame, bands).fit()


@dataclass(frozen=True, slots=True)
class Found:
    """Where a search ended: the knobs it had, their places, and what is still missing at each frequency."""

    frame: Frame
    search: Search
    at: Places
    error: Curves
    wanted: Curves
    renders: int

    @property
    def off_db(self) -> float:
        """How far the curve is off where it acts."""
        return off_db(self.error, self.wanted)

    def fit(self) -> Fit:
        """The same as settings and words."""
        values = {
            k: v
            for k, v in self.search.settings(self.at).items()
            if k in self.frame.base or v != self.frame.device.get(k)
        }
        worst = float(np.abs(self.error).max())
        return Fit(values, self.off_db, limit_of(self), worst, self.renders)


def found(frame: Frame, bands: Sequence[EQBand]) -> Found:
    """The best settings of what is free of a device; idle bands help where those wanted leave something over."""
    wanted = curve_db(tuple(bands), points_hz(frame.sample_rate), frame.sample_rate)
    target = frame.base_db + wanted
    used = assigned(frame, bands)
    sections = [s for s, _ in used]
    search = Search(frame.device, frame.sample_rate, frame.infos(sections), frame.base)
    widths = WIDTHS if any(s.width for s in sections) else WIDTHS[:1]
    at, curve = _best(frame, search, [start(search.knobs, used, width) for width in widths], target)
    renders = search.renders
    spare = [s for s in frame.sections if s not in sections]
    if spare and rms(curve - target) > SPARE_DB:
        wider = Search(frame.device, frame.sample_rate, frame.infos([*sections, *spare]), search.settings(at))
        again = [_with_spare(wider, search, at, spare, curve - target)]
        better, helped = _best(frame, wider, again, target)
        renders += wider.renders
        if rms(helped - target) < rms(curve - target) - 0.01:
            search, at, curve = wider, better, helped
    return Found(frame, search, at, curve - target, wanted, renders)


def assigned(frame: Frame, bands: Sequence[EQBand]) -> list[tuple[Section, EQBand | None]]:
    """A band of the device for each band wanted, the strongest first; all bands of a graphic EQ."""
    if all(not s.freq for s in frame.sections):
        return [(s, None) for s in frame.sections]
    left = list(frame.sections)
    pairs: list[tuple[Section, EQBand | None]] = []
    wanted = [b for b in bands if b.shape not in WITHOUT_GAIN]
    for band in sorted(wanted, key=lambda b: -abs(b.gain_db)):
        if left:
            section = min(left, key=lambda s: _unlike(s, band))
            left.remove(section)
            pairs.append((section, band))
    return pairs


def _unlike(section: Section, band: EQBand) -> tuple[bool, bool, float]:
    return (section.kind != band.shape, not section.freq, abs(np.log2(section.centre_hz / band.freq_hz)))


def start(
    knobs: Sequence[ParameterInfo], used: Sequence[tuple[Section, EQBand | None]], width: float
) -> Places:
    """Where the search begins: gains and frequencies as they are wanted."""
    values: dict[str, float] = {}
    for section, band in used:
        values[section.gain] = 0.0 if band is None else band.gain_db
        if section.freq and band is not None:
            values[section.freq] = band.freq_hz
    return np.array([place(k, values[k.id]) if k.id in values else width for k in knobs])


def _with_spare(wider: Search, search: Search, at: Places, spare: Sequence[Section], error: Curves) -> Places:
    """The places found, idle bands of no gain put where the error is largest."""
    found = dict(zip((k.id for k in search.knobs), at.tolist(), strict=True))
    hz = points_hz(search.sample_rate)
    left = np.abs(error)
    for section in spare:
        worst = hz[int(np.argmax(left))]
        left = np.where(np.abs(np.log2(hz / worst)) < 0.5, 0.0, left)
        found[section.gain] = place(search.device.info(section.gain), 0.0)
        if section.freq:
            found[section.freq] = place(search.device.info(section.freq), float(worst))
    return np.array([found.get(k.id, 0.5) for k in wider.knobs])


def solve(
    frame: Frame, search: Search, starts: Sequence[Places], targets: Curves
) -> tuple[list[Places], Curves]:
    """Places for the targets and the curves the device has there; a graphic EQ is searched on its tables first."""
    if any(s.freq for s in frame.sections):
        return search.run(starts, targets)
    tables = gain_tables(frame.device, frame.sections, frame.sample_rate)
    at, expected = TableSearch(search, tables, frame.base_db).run(starts, targets)
    curves = search.heard(at)
    if np.max(rms(curves - expected)) > TABLE_DB:
        return search.run(at, targets)
    return at, curves


def _best(frame: Frame, search: Search, starts: Sequence[Places], target: Curves) -> tuple[Places, Curves]:
    at, curves = solve(frame, search, starts, np.repeat(target[None], len(starts), axis=0))
    best = int(np.argmin(rms(curves - target)))
    return at[best], curves[best]


def limit_of(found: Found) -> str:
    """Why the curve is not nearer, in words; "" where it is within the tolerance."""
    off = found.off_db
    if off <= TOLERANCE_DB:
        return ""
    hz = points_hz(found.frame.sample_rate)
    worst = int(np.argmax(np.abs(found.error)))
    ends = [
        f"{k.id} is at its end ({k.low if p < 0.5 else k.high:g} {k.unit}".rstrip() + ")"
        for k, p in zip(found.search.knobs, found.at, strict=True)
        if p <= 1e-6 or p >= 1.0 - 1e-6
    ]
    why = "; ".join(ends) or f"its {len(found.frame.sections)} free bands have other shapes"
    return (
        f"{found.frame.device.name} comes within {off:.2f} dB rms, {found.error[worst]:+.1f} dB off at "
        f"{hz[worst]:.0f} Hz: {why}"
    )
