"""Opening the packages loads none of the slow libraries; reading a file loads only what it needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"torch", "scipy", "pedalboard", "pydantic", "tomlkit", "soundfile"}


def test_session_and_plan_import_light() -> None:
    modules = [f"session.{m}" for m in ("session", "roles", "storage", "document", "intake")]
    modules += [
        f"plan.{m}" for m in ("mixplan", "storage", "merging", "accept", "conflicts", "explain", "edits")
    ]
    code = "import sys\n" + "".join(f"import smartmix.{m}\n" for m in modules)
    code += "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
