"""One master by Matchering, in an interpreter that has it: python master_rival.py MIX REFERENCE OUT CEILING_DB.

Prints CPU seconds of the job and MiB of memory over what the imports take, as JSON. python master_rival.py --many
JOBS: a JSON list of [mix, reference, out], without the limiter.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def peak_kib() -> float:
    """Most memory of this process; not what its parent held, which ru_maxrss keeps through the start."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Master and print the figures."""
    import matchering as mg

    if sys.argv[1] == "--many":
        for mix, reference, out in json.loads(Path(sys.argv[2]).read_text(encoding="ascii")):
            bare = mg.Result(out, "FLOAT", use_limiter=False, normalize=False)
            mg.process(target=mix, reference=reference, results=[bare])
        return
    mix, reference, out, ceiling_db = sys.argv[1:]
    imported = peak_kib()
    started = time.process_time()
    config = mg.Config(threshold=10.0 ** (float(ceiling_db) / 20.0))
    mg.process(target=mix, reference=reference, results=[mg.Result(out, "FLOAT")], config=config)
    taken = time.process_time() - started
    most = peak_kib()
    print(json.dumps({"cpu_s": taken, "mib": (most - imported) / 1024.0}))


if __name__ == "__main__":
    main()
