"""One master by Matchering, in an interpreter that has it: python master_rival.py MIX REFERENCE OUT CEILING_DB.

Prints CPU seconds of the job and MiB of memory over what the imports take, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time


def main() -> None:
    """Master and print the figures."""
    import matchering as mg

    mix, reference, out, ceiling_db = sys.argv[1:]
    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    config = mg.Config(threshold=10.0 ** (float(ceiling_db) / 20.0))
    mg.process(target=mix, reference=reference, results=[mg.Result(out, "FLOAT")], config=config)
    taken = time.process_time() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"cpu_s": taken, "mib": (most - imported) / 1024.0}))


if __name__ == "__main__":
    main()
