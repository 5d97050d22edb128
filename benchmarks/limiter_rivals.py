"""Limiters side by side, all asked for a ceiling of -1 dB; a rival that is not installed is left out and named."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedalboard
from numpy.typing import NDArray

from smartmix.processors import TruePeakLimiter

CEILING_DB = -1.0
CEILING = 10.0 ** (CEILING_DB / 20.0)

Samples = NDArray[np.float32]
MATCHERING_CHILD = """
import sys, time, numpy as np
from matchering import Config
from matchering.limiter import limit
x = np.load(sys.argv[1]); config = Config(internal_sample_rate=int(sys.argv[3]), threshold=float(sys.argv[4]))
limit(x[:1000], config)
start = time.process_time(); y = limit(x, config); print(time.process_time() - start)
np.save(sys.argv[2], y)
"""


@dataclass(frozen=True)
class Contestant:
    """``run(samples, rate)`` gives the limited audio and the CPU seconds it took."""

    name: str
    run: Callable[[Samples, int], tuple[Samples, float]]


def timed(work: Callable[[Samples, int], Samples]) -> Callable[[Samples, int], tuple[Samples, float]]:
    def run(samples: Samples, rate: int) -> tuple[Samples, float]:
        start = time.process_time()
        limited = work(samples, rate)
        return limited, time.process_time() - start

    return run


def contestants(matchering_python: str | None) -> tuple[list[Contestant], list[str]]:
    """Everyone who is here, and a sentence for each who is not."""
    found = [
        Contestant("do nothing", timed(lambda x, _: x)),
        Contestant("naive: clip", timed(lambda x, _: np.clip(x, -CEILING, CEILING))),
        Contestant("planted fault: reads samples only", timed(sample_peak_limiter)),
        Contestant("pedalboard Limiter", timed(pedalboard.Limiter(CEILING_DB))),
    ]
    absent = []
    if hasattr(pedalboard, "BrickwallLimiter"):
        for true_peak in (False, True):
            name = "pedalboard BrickwallLimiter" + (", true_peak" if true_peak else "")
            found.append(Contestant(name, timed(_brickwall(true_peak))))
    else:
        absent.append("this pedalboard has no BrickwallLimiter")
    if shutil.which("ffmpeg"):
        found.append(Contestant("ffmpeg alimiter", _alimiter))
    else:
        absent.append("ffmpeg is not installed: no alimiter")
    if matchering_python:
        found.append(Contestant("Matchering", lambda x, r: _matchering(matchering_python, x, r)))
    else:
        absent.append("no --matchering PYTHON (an environment with matchering 2.0.6): left out")
    found.append(Contestant("smartmix", timed(_ours)))
    return found, absent


def _ours(samples: Samples, rate: int) -> Samples:
    return np.asarray(TruePeakLimiter(ceiling_dbtp=CEILING_DB)(samples, rate))


def _brickwall(true_peak: bool) -> Callable[[Samples, int], Samples]:
    def run(samples: Samples, rate: int) -> Samples:
        return np.asarray(pedalboard.BrickwallLimiter(CEILING_DB, true_peak=true_peak)(samples, rate))

    return run


def _alimiter(samples: Samples, rate: int) -> tuple[Samples, float]:
    channels = samples.shape[0]
    form = ["-f", "f32le", "-ar", str(rate), "-ac", str(channels)]
    cpu = []
    for filters in ("anull", f"alimiter=limit={CEILING}:level=false:latency=true"):
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-nostdin",
            *form,
            "-i",
            "pipe:0",
            "-af",
            filters,
            *form,
            "pipe:1",
        ]
        before = _children_s()
        data = samples.T.astype("<f4").tobytes()
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        cpu.append(_children_s() - before)
    limited = np.frombuffer(done.stdout, "<f4").reshape(-1, channels).T
    return np.ascontiguousarray(limited), cpu[1] - cpu[0]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _matchering(python: str, samples: Samples, rate: int) -> tuple[Samples, float]:
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder, "in.npy"), Path(folder, "out.npy")
        np.save(given, samples.T.astype(np.float64))
        command = [python, "-W", "ignore", "-c", MATCHERING_CHILD, given, got, str(rate), str(CEILING)]
        said = subprocess.run(list(map(str, command)), capture_output=True, check=True, text=True).stdout
        return np.ascontiguousarray(np.load(got).T, np.float32), float(said.split()[-1])


def sample_peak_limiter(samples: Samples, rate: int) -> Samples:
    """Look-ahead limiter that knows only the samples: held, boxed and released like ours was at first."""
    window = max(49, round(0.0015 * rate) | 1)
    peak = np.abs(samples).max(axis=0)
    need = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
    decay = np.exp(-1.0 / (0.040 * rate))
    log_need, state = np.log(need), 0.0
    envelope = np.empty_like(log_need)
    for i, target in enumerate(log_need.tolist()):
        state = min(target, state * decay)
        envelope[i] = state
    padded = np.pad(envelope, (window - 1, window - 1))
    held = np.lib.stride_tricks.sliding_window_view(padded, window).min(axis=1)
    gain = np.convolve(np.exp(held), np.ones(window) / window)[window - 1 :][: peak.size]
    return (samples * gain).astype(np.float32)
