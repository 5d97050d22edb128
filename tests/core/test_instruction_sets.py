"""The instruction set of the kernels: chosen in one place, forced by SMARTMIX_ISA, said when it cannot be had."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from smartmix import _core

SAID = "import json; from smartmix import _core; print(json.dumps(_core.build_info()))"


def info_with(isa: str | None, *flags: str) -> tuple[dict[str, object], str]:
    """What a process of its own says about its kernels, and its stderr."""
    paths = os.pathsep.join(path for path in sys.path if path)
    env = {key: value for key, value in os.environ.items() if key != "SMARTMIX_ISA"} | {"PYTHONPATH": paths}
    if isa is not None:
        env["SMARTMIX_ISA"] = isa
    command = [sys.executable, *flags, "-c", SAID]
    done = subprocess.run(command, env=env, timeout=60, capture_output=True, text=True, check=False)
    return (json.loads(done.stdout) if done.returncode == 0 else {}), done.stderr


def test_baseline_forces_every_kernel() -> None:
    info, stderr = info_with("baseline")
    assert (info["kernels"], info["warning"], stderr) == ("baseline", "", "")
    running = info["running"]
    assert isinstance(running, list)
    assert len(running) >= 3
    assert all(str(kernel).endswith("(baseline)") for kernel in running)


@pytest.mark.parametrize("isa", ["avx1024", "AVX2", "sse2 "])
def test_an_unknown_name_is_said_and_the_fastest_runs(isa: str) -> None:
    info, stderr = info_with(isa)
    fastest, _ = info_with(None)
    assert info["kernels"] == fastest["kernels"]
    assert f"SMARTMIX_ISA={isa} is no instruction set that runs here (baseline" in str(info["warning"])
    assert "RuntimeWarning" in stderr


def test_where_warnings_are_errors_an_unknown_name_is_one() -> None:
    info, stderr = info_with("avx1024", "-W", "error::RuntimeWarning")
    assert info == {}
    assert "SMARTMIX_ISA=avx1024 is no instruction set" in stderr


def test_no_name_is_no_wish() -> None:
    assert info_with("")[0]["warning"] == ""
    assert info_with(None)[0] == info_with("")[0]
    assert set(_core.build_info()) >= {"kernels", "running", "warning"}
