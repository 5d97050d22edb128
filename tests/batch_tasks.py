"""Tasks for the batch tests: functions of a module, so that another process finds them by name."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from smartmix.batch import Done

# Words are (verb, source, "--output", output, ...); what a task has done is one line in the log beside the output.


def work(words: tuple[str, ...]) -> Done:
    """Copies its input and says so; ``bad`` in the name fails, ``kill`` takes the process with it the first time,
    ``deadly`` every time, ``slow`` takes long.
    """
    source, output = Path(words[1]), Path(words[3])
    first = _note(output, source)
    if "deadly" in source.name or ("kill" in source.name and first):
        output.with_name(f".smartmix-{os.getpid()}-0.part").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    if "slow" in source.name:
        time.sleep(60.0)
    if "bad" in source.name:
        return Done(2, f"{source}: cannot be read")
    output.write_bytes(source.read_bytes())
    return Done(0, data=json.dumps({"size": source.stat().st_size}))


def _note(output: Path, source: Path) -> bool:
    log = output.parent / "log.txt"
    first = not log.exists() or f"{source.name}\n" not in log.read_text()
    with log.open("a") as lines:
        lines.write(f"{source.name}\n")
    return first


def times_done(folder: Path) -> dict[str, int]:
    """How often each input was begun."""
    lines = (folder / "log.txt").read_text().splitlines()
    return {name: lines.count(name) for name in lines}
