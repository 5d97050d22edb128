"""Hits, misses and false alarms of every detector, on sources made by code and on real tracks.

    python benchmarks/detectors_table.py [FOLDER OF SONGS [TRACKS]]

Each fault is planted in every carrier that can show it; the carriers as they are must give no alarm. Four rows per
kind: do nothing; naive (one plain threshold, benchmarks/naive_detectors.py); smartmix; smartmix listening to the
carrier without its fault (a planted fault in the table itself: hits have to collapse). What is planted is drawn by
the house that wrote the detectors; thresholds were set on the dev songs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import detector_cases as cases
from detector_cases import RATE, Audio, Carrier, Truth
from naive_detectors import NAIVE
from smartmix.analysis.delay import find_delay
from smartmix.analysis.faults.clicks import clicks
from smartmix.analysis.faults.clipping import clipping
from smartmix.analysis.faults.hum import hum
from smartmix.analysis.faults.offset import offset
from smartmix.analysis.faults.pairs import CLEAR
from smartmix.analysis.faults.plosives import plosives
from smartmix.analysis.faults.sides import is_inverted
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.registers import track_meter
from smartmix.analysis.sibilance import SibilanceMeter
from smartmix.units import gain_to_db

Detector = Callable[[Audio, Carrier], Truth]


def metered(x: Audio, c: Carrier) -> SourceMeter:
    """A source's finished meter; it is told what the track is."""
    meter = track_meter(replace(c.track, channels=len(x)), RATE)
    for first in range(0, x.shape[1], 65_536):
        meter.push(np.ascontiguousarray(x[:, first : first + 65_536]))
    meter.facts()
    return meter


def our_clipping(x: Audio, c: Carrier) -> Truth:
    meter = metered(x, c)
    return [] if clipping(c.track, meter, 0.0) is None else [(gain_to_db(meter.scan.peak),)]


def our_offset(x: Audio, c: Carrier) -> Truth:
    problem = offset(c.track, metered(x, c))
    return [] if problem is None else [(problem.amount,)]


def our_clicks(x: Audio, c: Carrier) -> Truth:
    meter = metered(x, c)
    told = clicks(c.track, meter, 0.0) is not None
    return [(click.time_s,) for click in meter.clicks.facts()] if told else []


def our_hum(x: Audio, c: Carrier) -> Truth:
    problem = hum(c.track, metered(x, c))
    return [] if problem is None else [(50.0 if "50 Hz" in problem.text else 60.0,)]


def our_floor(x: Audio, c: Carrier) -> Truth:
    meter = track_meter(c.track, RATE)
    meter.push(x)
    level = meter.facts().noise_floor_dbfs
    return [(level,)] if level > -80.0 else []


def our_esses(x: Audio, c: Carrier) -> Truth:
    meter = SibilanceMeter(RATE)
    meter.push(x)
    found = meter.facts()
    return [] if found is None else [(0.5 * (start + end),) for start, end in found.events_s]


def our_plosives(x: Audio, c: Carrier) -> Truth:
    meter = metered(x, c)
    told = plosives(c.track, meter, 0.0) is not None and meter.tone is not None
    return [(puff.time_s,) for puff in meter.tone.plosives()] if told and meter.tone else []


def our_sides(x: Audio, c: Carrier) -> Truth:
    return [(-1.0,)] if len(x) == 2 and is_inverted(metered(x, c)) else []


def our_delay(x: Audio, c: Carrier) -> Truth:
    if len(x) < 2:
        return []
    found = find_delay(x[0].astype(np.float64), x[1].astype(np.float64), RATE)
    return [(found.frames, float(found.polarity))] if found.clearness >= CLEAR else []


@dataclass(frozen=True)
class Kind:
    """A fault, who can carry it, who finds it, and how far off an alarm may lie in each of its figures."""

    name: str
    plant: cases.Plant
    ours: Detector
    within: tuple[float, ...]
    carries: Callable[[Carrier], bool] = lambda c: True


KINDS = (
    Kind(
        "clipping (ceiling ±0.3 dB)", cases.clipped, our_clipping, (0.3,), lambda c: c.track.name != "square"
    ),
    Kind("DC (±0.5 dB)", cases.offset, our_offset, (0.5,)),
    Kind("clicks (±5 ms)", cases.clicked, our_clicks, (0.005,)),
    Kind("hum (50 or 60 Hz)", cases.hummed, our_hum, (1.0,), lambda c: c.pauses),
    Kind("noise floor (±1.5 dB)", cases.noisy, our_floor, (1.5,), lambda c: c.pauses),
    Kind("esses (±50 ms)", cases.hissed, our_esses, (0.05,), lambda c: c.voice),
    Kind("plosives (±50 ms)", cases.popped, our_plosives, (0.05,), lambda c: c.voice),
    Kind("side inverted", cases.turned, our_sides, (0.1,), lambda c: c.sides_alike),
    Kind("delay (±0.1 frame), polarity", cases.second_microphone, our_delay, (0.1, 0.1)),
)
NO_CLEAN = ("noise floor", "esses")
"""Measures rather than alarms: every source has a floor, and voices have esses."""


@dataclass
class Tally:
    planted: int = 0
    hits: int = 0
    beside: int = 0
    clean_sources: int = 0
    clean_alarms: int = 0


def matched(truth: tuple[float, ...], alarms: Truth, within: tuple[float, ...]) -> bool:
    return any(all(abs(a - t) <= w for a, t, w in zip(alarm, truth, within, strict=True)) for alarm in alarms)


def unrelated(carriers: Sequence[Carrier], index: int) -> Audio:
    """Two tracks that are not of one source, as rows."""
    one, two = carriers[index].x.mean(axis=0), carriers[(index + 1) % len(carriers)].x.mean(axis=0)
    size = min(one.size, two.size)
    return np.stack((one[:size], two[:size]))


def tallies(kind: Kind, carriers: Sequence[Carrier], said: list[str]) -> dict[str, Tally]:
    rng = np.random.default_rng(1)
    rows = {row: Tally() for row in ("do nothing", "naive", "smartmix", "planted fault")}
    fitting = [c for c in carriers if kind.carries(c)]
    planted = [kind.plant(c, rng) for c in fitting]
    naive = NAIVE[kind.plant]
    found = {
        "do nothing": [[] for _ in fitting],
        "naive": [naive(y) for y, _ in planted],
        "smartmix": [kind.ours(y, c) for (y, _), c in zip(planted, fitting, strict=True)],
    }
    found["planted fault"] = [kind.ours(c.x, c) for c in fitting]
    for row, tally in rows.items():
        for (_, truths), alarms in zip(planted, found[row], strict=True):
            tally.planted += len(truths)
            tally.hits += sum(matched(truth, alarms, kind.within) for truth in truths)
            tally.beside += sum(not any(matched(t, [alarm], kind.within) for t in truths) for alarm in alarms)
    if kind.name.startswith(NO_CLEAN):
        return rows
    pairs = kind.plant is cases.second_microphone
    for index, c in enumerate(carriers):
        x = unrelated(carriers, index) if pairs else c.x
        ours = kind.ours(x, c)
        for row, alarms in (
            ("do nothing", []),
            ("naive", naive(x)),
            ("smartmix", ours),
            ("planted fault", ours),
        ):
            rows[row].clean_sources += 1
            rows[row].clean_alarms += bool(alarms)
        if ours:
            said.append(f"{kind.name}: {c.track.path.parent.name}/{c.track.name}: {ours[:3]}")
    return rows


def show(title: str, carriers: Sequence[Carrier]) -> None:
    print(f"\n**{title}** ({len(carriers)} sources)\n")
    print("| fault | row | planted | hits | misses | alarms beside | clean sources | with an alarm |")
    print("|---|---|---|---|---|---|---|---|")
    said: list[str] = []
    for kind in KINDS:
        for row, t in tallies(kind, carriers, said).items():
            counts = f"{t.planted} | {t.hits} | {t.planted - t.hits} | {t.beside}"
            clean = f"{t.clean_sources} | {t.clean_alarms}" if t.clean_sources else "– | –"
            print(f"| {kind.name} | {row} | {counts} | {clean} |", flush=True)
    print("\nAlarms on clean sources:", *(said or ["none"]), sep="\n")


def main() -> None:
    show("made by code", list(cases.made()))
    if len(sys.argv) > 1:
        most = int(sys.argv[2]) if len(sys.argv) > 2 else 40
        show("real tracks", list(cases.cut(Path(sys.argv[1]), most)))


if __name__ == "__main__":
    main()
