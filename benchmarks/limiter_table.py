"""The limiter beside others: overshoot, loudness reached, distortion, CPU time.

    python benchmarks/limiter_table.py [DATA] [--matchering PYTHON] [--only NAME ...]

DATA is a folder with dev/ and references/ (real mixes; left out without it). Everyone is asked for -1 dB and left at
its own default times.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import limiter_measures as measures
import limiter_signals as signals
from limiter_rivals import CEILING_DB, Contestant, contestants
from smartmix import _core

Samples = signals.Samples
TONES: dict[str, tuple[dict[float, float], Callable[[Samples, int], float]]] = {
    "THD 50 Hz": ({50.0: 1.0}, measures.thd_db),
    "THD 100 Hz": ({100.0: 1.0}, lambda x, r: measures.thd_db(x, r, 100)),
    "SMPTE 60 + 7000": ({60.0: 4.0, 7_000.0: 1.0}, measures.smpte_db),
    "CCIF 19 + 20 k": ({19_000.0: 1.0, 20_000.0: 1.0}, measures.ccif_db),
}
HOT_SHARES = (0.45, 0.46, 0.47, 0.48, 0.49, 0.50)
GAINED_LU = 4.0
CLOSE_LU = 0.02
MOST_TRIES = 10


def show(title: str, rows: dict[str, list[str]], columns: list[str]) -> None:
    print(f"\n{title}\n\n| | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


def overshoot(everyone: list[Contestant], mixes: dict[str, tuple[Samples, int]]) -> None:
    given = {name: (x, signals.RATE) for name, x in signals.hostile().items()}
    drive = signals.CEILING * 10.0 ** (signals.OVER_DB / 20.0)
    given |= {name: (x * drive, rate) for name, (x, rate) in mixes.items()}
    over, loud = {}, {}
    for one in everyone:
        peaks, levels = [], []
        for x, rate in given.values():
            limited = one.run(x, rate)[0]
            peak = measures.fft_peak_db(limited) - CEILING_DB
            peaks.append(f"{peak:+.2f}")
            levels.append(f"{measures.lufs(limited, rate) - peak:.2f}")
        over[one.name], loud[one.name] = peaks, levels
    show("True peak over the ceiling (32x FFT), dB", over, list(given))
    show("Loudness reached once its own true peak is brought to -1 dBTP, LUFS", loud, list(given))


def distortion(everyone: list[Contestant]) -> None:
    rows = {}
    for one in everyone:
        rows[one.name] = []
        for parts, measure in TONES.values():
            limited = one.run(signals.tone(parts), signals.RATE)[0]
            rows[one.name].append(f"{measure(limited, signals.RATE):.1f}")
    show("Tones 6 dB over the ceiling, distortion in dB", rows, list(TONES))


def at_equal_loudness(
    one: Contestant, source: Samples, rate: int, target: float
) -> tuple[Samples, Samples] | None:
    """Input and output of the drive that makes the output, brought to -1 dBTP, as loud as ``target``; secant steps."""
    tried: list[tuple[float, float]] = []
    drive = GAINED_LU
    for _ in range(MOST_TRIES):
        driven = (source * 10.0 ** (drive / 20.0)).astype("float32")
        limited = one.run(driven, rate)[0]
        level = measures.lufs(limited, rate) - (measures.fft_peak_db(limited, 8) - CEILING_DB)
        if abs(level - target) < CLOSE_LU:
            return driven, limited
        tried.append((drive, level))
        slope = 0.7
        if len(tried) > 1:
            (x0, y0), (x1, y1) = tried[-2:]
            slope = (y1 - y0) / (x1 - x0)
        drive = min(30.0, drive + max(-6.0, min(6.0, (target - level) / max(slope, 0.15))))
        if drive == tried[-1][0]:
            break
    return None


def residues(everyone: list[Contestant], mixes: dict[str, tuple[Samples, int]]) -> None:
    rows = {}
    for one in everyone:
        rows[one.name] = []
        for x, rate in mixes.values():
            clean = measures.lufs(x, rate) - (measures.fft_peak_db(x, 8) - CEILING_DB)
            got = at_equal_loudness(one, x, rate, clean + GAINED_LU)
            said = "not reached"
            if got is not None:
                said = f"{measures.residue_db(measures.aligned(got[1], got[0]), got[0]):.1f}"
            rows[one.name].append(said)
    show(f"At equal loudness (+{GAINED_LU:.0f} LU at -1 dBTP): what is no slow gain, dB", rows, list(mixes))


def hotter(everyone: list[Contestant]) -> None:
    rows = {}
    for one in everyone:
        peaks = [
            measures.fft_peak_db(one.run(signals.band_noise(share), signals.RATE)[0]) for share in HOT_SHARES
        ]
        rows[one.name] = [f"{peak - CEILING_DB:+.3f}" for peak in peaks]
    show(
        "Noise with content up to a share of fs: over the ceiling, dB",
        rows,
        [f"{s:.2f} fs" for s in HOT_SHARES],
    )


def speed(everyone: list[Contestant]) -> None:
    x = signals.hostile()["dense mix"]
    times: dict[str, list[float]] = {one.name: [] for one in everyone}
    for _ in range(5):
        for one in everyone:
            times[one.name].append(one.run(x, signals.RATE)[1])
    rows = {}
    for name, taken in times.items():
        middle = max(sorted(taken)[2], 1e-9)
        rows[name] = [f"{1e3 * middle:.2f}", f"{signals.SECONDS / middle:.0f}"]
    show(f"CPU of {signals.SECONDS:.0f} s stereo, dense mix", rows, ["ms", "x real time"])


PARTS = {"over": overshoot, "tones": distortion, "equal": residues, "hot": hotter, "speed": speed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--matchering", metavar="PYTHON")
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--contestant", nargs="*", help="parts of names")
    options = parser.parse_args()
    everyone, absent = contestants(options.matchering)
    if options.contestant:
        everyone = [one for one in everyone if any(part in one.name for part in options.contestant)]
    for said in absent:
        print(said)
    mixes = signals.mixes(options.data) if options.data else {}
    print(f"kernels: {_core.kernel_isa()}")
    for part in options.only:
        PARTS[part](*((everyone, mixes) if part in ("over", "equal") else (everyone,)))


if __name__ == "__main__":
    main()
