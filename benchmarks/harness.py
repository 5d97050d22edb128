"""What the speed benchmarks share: rows, measuring in turns, and the table with the worst row first.

A ``bench_*.py`` gives ``rows(quick) -> list[Row]`` and ends in ``run_alone(rows)``; ``run.py`` runs them all.
Contestants take turns in one process and CPU time counts (all threads), so that a busy machine costs both sides
alike; the median of the repeats is quoted with the spread of the middle half beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Job = Callable[[], object]
Kind = Literal["ours", "do nothing", "naive", "rival"]
REPEATS = 5
LEAST_S = 0.02
"""A repeat runs its job as often as it takes to last this long."""


@dataclass(frozen=True)
class Row:
    """One kind of work: what it costs here, what it costs the rival, and what was promised.

    Costs are medians in ``unit`` of the same work (s unless a row says MiB); ``gate`` and ``aim`` are least ratios
    rival / ours, None where nothing was promised. A promise in absolute time is a row whose rival is that time:
    ratio 1 meets it. ``samples`` holds every repeat by side ("ours", "rival"); ``kind`` marks the rows that are there
    for comparison only, which carry no gate.
    """

    work: str
    rival: str
    ours_s: float
    rival_s: float
    gate: float | None = None
    aim: float | None = None
    note: str = ""
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)
    kind: Kind = "ours"
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.rival_s / self.ours_s if self.ours_s > 0.0 else math.inf

    @property
    def verdict(self) -> str:
        if self.gate is None:
            return ""
        if not self.ratio >= self.gate:
            return "MISSED"
        return "aim" if self.aim is not None and self.ratio >= self.aim else "ok"

    @property
    def spread(self) -> float:
        """Width of the middle half of our repeats, as a share of the median."""
        return _spread(self.samples.get("ours", ()))


def _spread(samples: Sequence[float]) -> float:
    if len(samples) < 4:  # a quick look: all there is
        return (max(samples) - min(samples)) / statistics.median(samples) if samples else 0.0
    low, _, high = statistics.quantiles(samples, n=4)
    return (high - low) / statistics.median(samples)


Times = dict[str, list[float]]
"""Seconds of every repeat, by contestant."""


def alternate(jobs: Mapping[str, Job], repeats: int = REPEATS, *, least_s: float = LEAST_S) -> Times:
    """CPU seconds of one run of each job, jobs taking turns; each runs once before anything counts."""
    numbers = {name: _number(job, least_s) for name, job in jobs.items()}
    times: Times = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            times[name].append(_cpu_s(job, numbers[name]))
    return times


def _number(job: Job, least_s: float) -> int:
    job()
    once = _cpu_s(job, 1)
    return 1 if once >= least_s else max(1, math.ceil(least_s / max(once, 1e-7)))


def _cpu_s(job: Job, number: int) -> float:
    start = time.process_time()
    for _ in range(number):
        job()
    return (time.process_time() - start) / number


def compare(
    times: Times,
    ours: str,
    rival: str,
    *,
    gate: float | None = None,
    aim: float | None = None,
    note: str = "",
    kind: Kind = "ours",
    share: float = 1.0,
) -> Row:
    """The row of two contestants. ``share``: the rival's time counts that often (channels it would have to repeat)."""
    theirs = [share * t for t in times[rival]]
    samples = {"ours": times[ours], "rival": theirs}
    medians = statistics.median(times[ours]), statistics.median(theirs)
    return Row(ours, rival, *medians, gate=gate, aim=aim, note=note, samples=samples, kind=kind)


def budget(
    work: str, samples: Sequence[float], limit_s: float, aim_s: float | None = None, note: str = ""
) -> Row:
    """The row of work that may take ``limit_s`` and is meant to take ``aim_s``; ``samples`` are seconds."""
    aim = None if aim_s is None else limit_s / aim_s
    name = f"limit {duration(limit_s)}"
    return Row(work, name, statistics.median(samples), limit_s, 1.0, aim, note, {"ours": list(samples)})


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _cost(value: float, unit: str) -> str:
    return duration(value) if unit == "s" else f"{value:.4g} {unit}"


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Promises first, the worst (ratio over gate) on top; then the others as they came."""
    rows = list(rows)
    promised = [row for row in rows if row.gate is not None]
    return sorted(promised, key=lambda row: row.ratio / (row.gate or 1.0)) + [
        r for r in rows if r.gate is None
    ]


def table(rows: Iterable[Row]) -> str:
    """A markdown table."""
    lines = [
        "| | ratio | gate | aim | work | ours | rival | | spread | note |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in in_order(rows):
        gate, aim = ("" if x is None else f"{x:.3g}" for x in (row.gate, row.aim))
        kind = "" if row.kind == "ours" else f" ({row.kind})"
        rival = _cost(row.rival_s, row.unit) if row.rival else ""
        ratio = f"{row.ratio:.2f}" if row.rival else ""
        cells = (row.verdict, ratio, gate, aim, row.work + kind, _cost(row.ours_s, row.unit))
        cells = (*cells, row.rival, rival, f"{100 * row.spread:.0f} %", row.note)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def csv_lines(script: str, rows: Iterable[Row]) -> list[list[str]]:
    """Every repeat: script, work, side, rival, gate, aim, unit, repeat number, value."""
    found: list[list[str]] = []
    for row in rows:
        fixed = [script, row.work, row.rival, str(row.gate or ""), str(row.aim or ""), row.unit]
        for side, values in row.samples.items():
            found += [[*fixed, side, str(i), repr(value)] for i, value in enumerate(values)]
    return found


def run_alone(rows: Callable[[bool], list[Row]]) -> None:
    """What a bench script does when it is called: print its table, or leave its rows as JSON for run.py."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="less audio and three repeats: for a first look")
    parser.add_argument("--json", type=Path, help="write the rows there instead of printing them")
    options = parser.parse_args()
    found = rows(options.quick)
    if options.json is None:
        print(table(found))
    else:
        options.json.write_text(json.dumps([asdict(row) for row in found]), encoding="utf-8")


def read_rows(path: Path) -> list[Row]:
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
