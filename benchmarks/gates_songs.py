"""The main job on a folder of songs, each master read by libebur128: loudness, true peak, same bytes twice, exact sum.

    python benchmarks/gates_songs.py FOLDER_OF_SONGS [TARGET_LUFS]

For every song four ways to the target are read by the same independent meter: the plain sum turned to the target (do
nothing more), the same through pedalboard's limiter at the ceiling (naive baseline), smartmix, and smartmix's master
raised by 0.3 dB (a planted fault: the table must call it wrong).
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyebur128
import soundfile
from numpy.typing import NDArray

import smartmix
from smartmix.units import db_to_gain
from smartmix.workflow import MixResult

CEILING_DBTP = -1.0
TOLERANCE_LU = 0.1


def read(samples: NDArray[np.float32], rate: int) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of (frames, channels) by libebur128."""
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[1], rate, mode.MODE_I | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(samples).ravel(), samples.shape[0])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[1]))
    return pyebur128.get_loudness_global(state), 20.0 * float(np.log10(max(peak, 1e-12)))


def naive(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """pedalboard's limiter at the ceiling."""
    from pedalboard import Limiter

    return Limiter(threshold_db=CEILING_DBTP)(samples.T, rate).T


def verdict(loudness: float, peak: float, target: float) -> str:
    """What the gate says of a master."""
    wrong = []
    if abs(loudness - target) > TOLERANCE_LU:
        wrong.append(f"{loudness - target:+.2f} LU off")
    if peak > CEILING_DBTP:
        wrong.append(f"{peak - CEILING_DBTP:.2f} dB over the ceiling")
    return ", ".join(wrong) or "ok"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a pass."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def row(
    name: str, way: str, samples: NDArray[np.float32], *, rate: int, target: float, note: str = ""
) -> None:
    loudness, peak = read(samples, rate)
    print(
        f"| {name} | {way} | {loudness:.2f} | {peak:.2f} | {verdict(loudness, peak, target)} | {note} |",
        flush=True,
    )


def one_pass(song: Path, out: Path, target: float | None, accept: str) -> MixResult:
    result = smartmix.mix(song, out, target_lufs=target, accept=accept)
    smartmix.write_report(result, out / "report.html")
    return result


def song_rows(song: Path, folder: Path, target: float) -> bool:
    result = one_pass(song, folder / "a", target, "confident")
    one_pass(song, folder / "b", target, "confident")
    none = one_pass(song, folder / "none", target, "none")
    plain, rate = soundfile.read(none.files["mix"], dtype="float32", always_2d=True)
    expected = np.zeros(plain.shape)
    for track in none.session.audible_tracks:
        samples, own_rate = soundfile.read(track.path, dtype="float32", always_2d=True)
        assert own_rate == rate, "songs with several rates need a resampler here"
        expected[: samples.shape[0]] += samples
    level = float(db_to_gain(target - read(plain, rate)[0]))
    master, master_rate = soundfile.read(result.files["master"], dtype="float32", always_2d=True)
    same = digests(folder / "a") == digests(folder / "b")
    exact = bool(np.array_equal(expected.astype(np.float32), plain))
    note = f"two runs {'identical' if same else 'DIFFER'}; sum {'exact' if exact else 'NOT EXACT'}"
    if not result.master.reached:
        note += f"; {result.master.reason}"
    at_target = plain * np.float32(level)
    row(song.name, "do nothing: sum at the target", at_target, rate=rate, target=target)
    row(song.name, "naive: pedalboard Limiter", naive(at_target, rate), rate=rate, target=target)
    row(song.name, "smartmix", master, rate=master_rate, target=target, note=note)
    raised = master * np.float32(db_to_gain(0.3))
    row(song.name, "planted fault: +0.3 dB", raised, rate=master_rate, target=target)
    loudness, peak = read(master, master_rate)
    met = verdict(loudness, peak, target) == "ok" or not result.master.reached
    return same and exact and met and peak <= CEILING_DBTP


def main() -> int:
    songs = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    target = float(sys.argv[2]) if len(sys.argv) > 2 else -14.0
    print("| song | master | LUFS (libebur128) | dBTP | gate | |\n|---|---|---|---|---|---|")
    passed = []
    for song in songs:
        with tempfile.TemporaryDirectory() as folder:
            passed.append(song_rows(song, Path(folder), target))
    print(f"\n{sum(passed)} of {len(passed)} songs pass")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
