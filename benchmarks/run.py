"""All speed benchmarks, each in a process of its own: one table, the worst row first, and every repeat as CSV.

    python benchmarks/run.py [--quick] [--csv FILE] [NAME ...]

NAME picks scripts ("meters" is bench_meters.py). A missed gate is marked MISSED and is no error (speed is
no test); a script that breaks is one, after the others have run.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import Row, csv_lines, read_rows, table
from libebur128 import version_text
from smartmix import _core

HERE = Path(__file__).resolve().parent
PACKAGES = ("numpy", "scipy", "pedalboard", "pyebur128", "soxr", "torch", "matchering")


def processor_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def header() -> dict[str, str]:
    """What a figure depends on besides the code."""
    build = _core.build_info()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor_model(),
        "cores": str(cores),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "kernels": str(build["kernels"]),
        "SMARTMIX_ISA": os.environ.get("SMARTMIX_ISA", "not set"),
        "compiler": str(build["compiler"]),
        "flags": str(build["flags"]),
        "python": platform.python_version(),
        "libebur128": version_text(),
    }
    return facts | {name: package_version(name) for name in PACKAGES}


def scripts(wanted: list[str]) -> list[Path]:
    found = sorted(HERE.glob("bench_*.py"))
    if not wanted:
        return found
    by_name = {path.stem.removeprefix("bench_"): path for path in found}
    names = [name.removeprefix("bench_").removesuffix(".py") for name in wanted]
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in names]


def run(script: Path, *, quick: bool) -> list[Row] | None:
    """The rows of a script; None when it broke (its own words are on stderr)."""
    print(f"{script.name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        command = [sys.executable, str(script), "--json", str(out), *(["--quick"] if quick else [])]
        done = subprocess.run(command, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
        return read_rows(out) if done.returncode == 0 else None


def write_csv(path: Path, facts: dict[str, str], found: dict[str, list[Row]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        for key, value in facts.items():
            file.write(f"# {key}: {value}\n")
        writer = csv.writer(file)
        writer.writerow(("script", "work", "rival", "gate", "aim", "unit", "side", "repeat", "value"))
        for script, rows in found.items():
            writer.writerows(csv_lines(script, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="less audio and three repeats: for a first look")
    parser.add_argument("--csv", type=Path, default=Path("build/bench.csv"), help="every repeat goes there")
    options = parser.parse_args()
    facts = header()
    print("\n".join(f"{key}: {value}" for key, value in facts.items()) + "\n")
    results = {script.stem: run(script, quick=options.quick) for script in scripts(options.names)}
    found = {name: rows for name, rows in results.items() if rows is not None}
    facts["load after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    every = [row for rows in found.values() for row in rows]
    print(table(every))
    promised = [row for row in every if row.gate is not None]
    missed = sum(row.verdict == "MISSED" for row in promised)
    print(f"\n{len(promised)} promised, {missed} missed; load after: {facts['load after']}")
    write_csv(options.csv, facts, found)
    print(f"every repeat: {options.csv}")
    if len(found) < len(results):
        raise SystemExit(f"broken: {', '.join(sorted(results.keys() - found.keys()))}")


if __name__ == "__main__":
    main()
