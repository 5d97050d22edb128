"""Masters after references beside Matchering, at one ceiling.

    python benchmarks/master_table.py FOLDER --rival PYTHON [--only WORD]

FOLDER: recordings, PYTHON: an interpreter with Matchering. Figures are read from the written files by others than made
them: loudness and true peak by libebur128, third octaves (50 Hz to 16 kHz, mean of absolute differences, level taken
out) from Welch spectra of scipy. "side noise": by how much third octaves of the side that are only noise (40 dB under
the middle, in the mix) rise against the middle, dB. CPU and memory: a process each, without imports; "whole" is the CPU
of that process from its start to its end, imports and all, as a script costs it. Rows: do nothing
(gain to the reference's loudness, no limiter), naive (ten octave bands by the difference of averages, clipped at the
ceiling), smartmix, Matchering, and a planted fault (smartmix with every band of its EQ turned round).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CEILING_DB = -1.0
PAIRS = (
    ("folk_vocal_lets_go_fishin", "pop_vocal_slow_motion_dream"),
    ("jazz_vibe_ace", "folk_rock_celtic"),
    ("strings_hungarian_dance_5", "orchestral_combat"),
    ("dance_garden", "electro_lava"),
    ("electronic_coherence", "dance_garden"),
    ("orchestral_combat", "metal_muldjord_mutilated_mime"),
    ("pop_vocal_slow_motion_dream", "folk_vocal_lets_go_fishin"),
    ("folk_rock_celtic", "electro_lava"),
    ("celesta_sugar_plum", "strings_hungarian_dance_5"),
    ("metal_muldjord_mutilated_mime", "pop_vocal_slow_motion_dream"),
)
HARD = ("hot", "near-mono", "96 kHz", "48 kHz")
THIRDS_HZ = 1000.0 * 2.0 ** (np.arange(-13, 13) / 3.0)


@dataclass(frozen=True)
class Figures:
    """Of one file against its mix and reference."""

    lufs: float
    peak_dbtp: float
    mid_db: float
    side_noise_db: float


@dataclass(frozen=True)
class Costs:
    """CPU seconds of the job and of its whole process, MiB of the job over the imports."""

    job_s: float
    whole_s: float
    mib: float


Row = tuple[str, str, Figures, Costs]


def spent_by_children() -> float:
    """CPU seconds of every process started here that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_kib() -> float:
    """Most memory of this process; not what its parent held, which ru_maxrss keeps through the start."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Run every case and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rival", default="")
    parser.add_argument("--only", default="", help="cases with this word in their name")
    parser.add_argument("--who", default="", help="only this row")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--fault", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--detail", default="tone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(*given.one, fault=given.fault, detail=given.detail)))
        return
    with tempfile.TemporaryDirectory() as room:
        rows = [
            row
            for name, mix, reference in cases(given.folder, Path(room))
            if given.only in name
            for row in case_rows(name, mix, reference, (given.rival, given.who), Path(room))
        ]
    print_rows(rows)


def one(mix: str, reference: str, out: str, *, fault: bool, detail: str) -> dict[str, float]:
    """A master by smartmix in this process; CPU seconds and MiB over the imports."""
    from smartmix.mastering import MasterSettings, master_song

    settings = MasterSettings("match", CEILING_DB, detail=detail)
    plan = None
    if fault:
        plan = turned_round(master_song(mix, None, settings, reference=reference).plan)
    imported = peak_kib()
    started = time.process_time()
    master_song(mix, out, settings, reference=None if fault else reference, plan=plan, bits="32f", force=True)
    taken = time.process_time() - started
    return {"cpu_s": taken, "mib": (peak_kib() - imported) / 1024.0}


def turned_round(plan):  # type: ignore[no-untyped-def]
    """The planted fault: boosts are cuts."""
    from dataclasses import replace

    eq = plan.stage("eq")
    flipped = {
        device: {k: -v if k.endswith("gain_db") else v for k, v in values.items()}
        for device, values in eq.settings.items()
    }
    return plan.with_stage(replace(eq, settings=flipped))


def cases(folder: Path, room: Path) -> list[tuple[str, Path, Path]]:
    """Pairs of recordings as they are, and the hard ones made from them."""
    import soundfile
    import soxr

    found = [(f"{a} > {b}", folder / f"{a}.flac", folder / f"{b}.flac") for a, b in PAIRS]
    folk, pop = (folder / f"{name}.flac" for name in PAIRS[0])
    rng = np.random.default_rng(0)
    metal, rate = soundfile.read(folder / "metal_muldjord_mutilated_mime.flac")
    soundfile.write(room / "hot.wav", np.clip(metal * 1.6, -1.0, 1.0), rate, subtype="FLOAT")
    voice, rate = soundfile.read(folk)
    near = voice.mean(axis=1, keepdims=True) + rng.standard_normal((len(voice), 2)) * [[1e-5, -1e-5]]
    soundfile.write(room / "near.wav", near, rate, subtype="FLOAT")
    for name, to in zip(HARD[2:], (96_000, 48_000), strict=True):
        high = soxr.resample(voice, rate, to, "VHQ")
        soundfile.write(room / f"{name}.wav", np.clip(high, -1.0, 1.0), to, subtype="FLOAT")
    hard = (
        ("hot", room / "hot.wav"),
        ("near-mono", room / "near.wav"),
        *((n, room / f"{n}.wav") for n in HARD[2:]),
    )
    return found + [(f"{name} > pop", mix, pop) for name, mix in hard]


def case_rows(name: str, mix: Path, reference: Path, who_else: tuple[str, str], room: Path) -> list[Row]:
    """(case, who, figures with loudness as its error, costs) of every row."""
    import soundfile

    rival, only = who_else
    source, aim = Recording(mix), Recording(reference)
    rows = []
    for who, samples in (("do nothing", source.raised_to(aim)), ("naive", source.naive(aim))):
        soundfile.write(room / "row.wav", samples, source.rate, subtype="FLOAT")
        rows.append((name, who, figures(room / "row.wav", source, aim), Costs(0.0, 0.0, 0.0)))
    here = [sys.executable, __file__, "--one", str(mix), str(reference), str(room / "row.wav")]
    runs = [
        ("smartmix", here),
        ("smartmix, spectrum", [*here, "--detail", "spectrum"]),
        ("planted fault", [*here, "--fault"]),
    ]
    if rival:
        script = Path(__file__).with_name("master_rival.py")
        runs.append(
            (
                "Matchering",
                [rival, str(script), str(mix), str(reference), str(room / "row.wav"), str(CEILING_DB)],
            )
        )
    for who, command in runs:
        if only not in {"", who}:
            continue
        before = spent_by_children()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        whole = spent_by_children() - before
        cost = json.loads(done.stdout.splitlines()[-1])
        costs = Costs(cost["cpu_s"], whole, cost["mib"])
        rows.append((name, who, figures(room / "row.wav", source, aim), costs))
    return rows


class Recording:
    """A file with its loudness and its spectra."""

    def __init__(self, path: Path) -> None:
        import soundfile

        self.samples, self.rate = soundfile.read(path, always_2d=True)
        self.lufs, self.peak_dbtp = loudness(self.samples, self.rate)
        stereo = self.samples if self.samples.shape[1] == 2 else np.repeat(self.samples, 2, axis=1)
        self.mid = thirds(stereo.mean(axis=1), self.rate)
        self.side = thirds((stereo[:, 0] - stereo[:, 1]) / 2.0, self.rate)

    def raised_to(self, aim: Recording) -> NDArray[np.float64]:
        """Gain alone."""
        return self.samples * 10.0 ** ((aim.lufs - self.lufs) / 20.0)

    def naive(self, aim: Recording) -> NDArray[np.float64]:
        """Octave bands by the difference of averages, gain, and clipping."""
        octave = np.nanmean((aim.mid - self.mid - np.nanmean(aim.mid - self.mid)).reshape(-1, 2), axis=1)
        spectrum = np.fft.rfft(self.samples, axis=0)
        hz = np.maximum(np.fft.rfftfreq(len(self.samples), 1.0 / self.rate), 1.0)
        curve = np.interp(np.log2(hz), np.log2(THIRDS_HZ[::2] * 2 ** (1 / 6)), np.nan_to_num(octave))
        out = np.fft.irfft(spectrum * 10.0 ** (curve / 20.0)[:, np.newaxis], len(self.samples), axis=0)
        gain_db = aim.lufs - loudness(out, self.rate)[0]
        limit = 10.0 ** (CEILING_DB / 20.0)
        return np.clip(out * 10.0 ** (gain_db / 20.0), -limit, limit)


def loudness(samples: NDArray[np.float64], rate: int) -> tuple[float, float]:
    """Integrated loudness and true peak by libebur128."""
    import pyebur128

    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[1], rate, mode.MODE_I | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(samples, np.float32).ravel(), len(samples))
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[1]))
    return pyebur128.get_loudness_global(state), 20.0 * float(np.log10(max(peak, 1e-9)))


def thirds(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Power of third octaves, dB; nan over what the rate holds."""
    from scipy.signal import welch

    hz, power = welch(samples, rate, nperseg=2 ** int(np.ceil(np.log2(0.3 * rate))))
    edge = 2.0 ** (1.0 / 6.0)
    # A bin that an edge goes through counts in part: whole bins read by up to a dB else where the rates differ.
    below = np.concatenate(([0.0], np.cumsum(power)))
    at = np.concatenate((hz, [hz[-1] + hz[1]])) - 0.5 * hz[1]
    rows = [
        np.diff(np.interp([centre / edge, centre * edge], at, below))[0]
        if centre * edge < 0.48 * rate
        else np.nan
        for centre in THIRDS_HZ
    ]
    return 10.0 * np.log10(np.maximum(rows, 1e-30))


def figures(path: Path, source: Recording, aim: Recording) -> Figures:
    """What the written file came to."""
    made = Recording(path)
    apart = made.mid - aim.mid
    apart = apart - np.nanmean(apart)
    noise = (source.side < source.mid - 40.0) & np.isfinite(source.mid) & np.isfinite(made.mid)
    if made.mid.shape == source.mid.shape and noise.any():
        rise = float(np.max((made.side - made.mid)[noise] - (source.side - source.mid)[noise]))
    else:
        rise = float("nan")
    return Figures(made.lufs - aim.lufs, made.peak_dbtp, float(np.nanmean(np.abs(apart))), rise)


def print_rows(rows: list[Row]) -> None:
    """The table, then medians, ratios and losers."""
    print(
        "| mix > reference | who | loudness error LU | true peak dBTP | mid dB | side noise dB "
        "| CPU s | whole s | MiB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, who, f, cost in rows:
        noise = "-" if np.isnan(f.side_noise_db) else f"{f.side_noise_db:+.1f}"
        print(
            f"| {name} | {who} | {f.lufs:+.2f} | {f.peak_dbtp:+.2f} | {f.mid_db:.2f} | {noise} "
            f"| {cost.job_s:.2f} | {cost.whole_s:.2f} | {cost.mib:.0f} |"
        )
    by: dict[str, list[Row]] = {}
    for row in rows:
        by.setdefault(row[1], []).append(row)
    print()
    for who, mine in by.items():
        mids = [f.mid_db for _, _, f, _ in mine]
        off = max(abs(f.lufs) for _, _, f, _ in mine)
        peak = max(f.peak_dbtp for _, _, f, _ in mine)
        print(
            f"{who}: mid median {np.median(mids):.2f} dB, worst {max(mids):.2f}; loudness error at most {off:.2f} LU; "
            f"true peak at most {peak:+.2f}; CPU {sum(c.job_s for *_, c in mine):.1f} s, "
            f"whole processes {sum(c.whole_s for *_, c in mine):.1f} s"
        )
    if {"Matchering", "smartmix"} <= set(by):
        ours, theirs = by["smartmix"], by["Matchering"]
        half = 0.5 * float(np.median([f.mid_db for _, _, f, _ in theirs]))
        for who in ("smartmix", "smartmix, spectrum"):
            share = float(np.median([f.mid_db for _, _, f, _ in by[who]])) / (2.0 * half)
            print(f"{who}: mid median {share:.2f} of Matchering's")
        print(
            f"mid over half of Matchering's median ({half:.2f} dB): "
            + ", ".join(f"{n} {f.mid_db:.2f}" for n, _, f, _ in ours if f.mid_db > half)
        )
        for what, cost in (("job", "job_s"), ("whole process", "whole_s")):
            pairs = [(getattr(t[3], cost), getattr(o[3], cost)) for o, t in zip(ours, theirs, strict=True)]
            print(
                f"CPU ratio, {what}: {sum(t for t, _ in pairs) / sum(o for _, o in pairs):.1f} over all: "
                + ", ".join(f"{t / o:.1f}" for t, o in pairs)
            )
        print(
            "memory ratio:",
            ", ".join(f"{t[3].mib / max(o[3].mib, 1.0):.1f}" for o, t in zip(ours, theirs, strict=True)),
        )


if __name__ == "__main__":
    main()
