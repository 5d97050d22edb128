"""How many threads a render works with: what SMARTMIX_THREADS says."""

from __future__ import annotations

import os

from smartmix.errors import SmartmixError

VARIABLE = "SMARTMIX_THREADS"
MOST = 64


def thread_count() -> int:
    """1 without the variable, its number, or the processors this process may use for "auto"; any other word is a
    SmartmixError. Every number gives the same samples.
    """
    asked = os.environ.get(VARIABLE, "").strip()
    if asked == "auto":
        return min(processors(), MOST)
    if not asked:
        return 1
    if not asked.isdecimal() or not 1 <= int(asked) <= MOST:
        raise SmartmixError(f"{VARIABLE}={asked}: expected auto or a number from 1 to {MOST}")
    return int(asked)


def processors() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
