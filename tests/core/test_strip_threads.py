"""A strip bank gives the same bits with any number of threads, any tiles, and in a forked process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from core.strip_support import RATE
from core.test_strip_dynamics import MOVING, SETTINGS, bursts
from properties.support import Samples
from smartmix import _core

CHANNELS = [2, 1, 2, 2, 2, 1, 1, 2, 2, 1, 2]
FRAMES = 6000
TABLE = [(threads, tile) for threads in (1, 2, 3) for tile in (64, 256, 512)]


def bank(threads: int, tile_frames: int) -> _core.StripBank:
    made = _core.StripBank(
        RATE, CHANNELS, [True] * len(CHANNELS), 1, threads=threads, tile_frames=tile_frames
    )
    for strip in range(len(CHANNELS)):
        for name in ("dynamic_eq", "de_esser", "compressor"):
            for parameter, value in SETTINGS[name].items():
                made.set(strip, f"{name}.{parameter}", value)
        made.set(strip, "compressor.threshold_db", -30.0 + strip)
        made.set(strip, "eq.band1.shape", 1.0 + strip % 3)
        made.set(strip, "eq.band1.gain_db", 3.0)
        made.set(strip, "send1.level_db", -6.0)
    return made


def mixed(made: _core.StripBank) -> Samples:
    """Everything in motion, in one long block: what threads share."""
    rng = np.random.default_rng(3)
    count = 400
    infos = {info.id: info for info in made.parameters()}
    ids = [name for name in MOVING if infos.get(name) is not None and name != "send2.level_db"]
    chosen = rng.integers(0, len(ids), count)
    columns = {
        "frames": np.sort(rng.integers(0, FRAMES, count)),
        "strips": rng.integers(0, len(CHANNELS), count),
        "params": np.array([made.parameter_index(ids[i]) for i in chosen]),
        "values": np.array(
            [infos[ids[i]].low + 0.6 * (infos[ids[i]].high - infos[ids[i]].low) for i in chosen]
        ),
        "ramp_frames": rng.choice([0, 1, 100, 700], count),
    }
    return made.process([bursts(c, FRAMES, i) for i, c in enumerate(CHANNELS)], **columns)


def table_of_hashes() -> str:
    return "\n".join(hashlib.sha256(mixed(bank(*row)).tobytes()).hexdigest() for row in TABLE)


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_any_threads_and_any_tiles_give_the_same_bits(isa: str) -> None:
    """Per instruction set, which a process chooses once. On a machine without AVX2 both rows are the plain one."""
    words = {k: v for k, v in os.environ.items() if k != "SMARTMIX_ISA"} | {"SMARTMIX_ISA": isa}
    code = "from core.test_strip_threads import table_of_hashes; print(table_of_hashes())"
    words["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run([sys.executable, "-c", code], env=words, check=True, capture_output=True, text=True)
    hashes = done.stdout.split()
    assert len(hashes) == len(TABLE)
    assert len(set(hashes)) == 1


def test_no_more_threads_than_groups_of_strips() -> None:
    assert bank(1, 256).threads == 1
    assert bank(2, 256).threads == 2
    assert bank(64, 256).threads == 3  # 8 lanes to a group
    assert _core.StripBank(RATE, [], threads=4).threads == 1
    with pytest.raises(ValueError, match=r"0 threads: expected 1 to 64"):
        bank(0, 256)
    with pytest.raises(ValueError, match=r"2049 frames to a tile: expected 1 to 2048"):
        bank(1, 2049)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_goes_on_alone_and_ends() -> None:
    """The helpers are not there: the caller does their work, and taking the bank down waits for nobody."""
    code = """
import os, sys
from core.test_strip_threads import bank, mixed
made = bank(3, 256)
alone = bank(1, 256)
for each in (made, alone):
    mixed(each)
    each.reset()
child = os.fork()
same = (mixed(made) == mixed(alone)).all()
del made
if child == 0:
    os._exit(0 if same else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if same else 4)
"""
    words = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    assert subprocess.run([sys.executable, "-c", code], env=words, timeout=60, check=False).returncode == 0


def test_a_process_ends_while_a_bank_is_alive() -> None:
    code = "import builtins; from core.test_strip_threads import bank, mixed; builtins.kept = bank(3, 256); mixed(kept)"
    words = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=words,
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
