"""Where copies are kept that can be made again: the user's cache folder, never a session's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER_VARIABLE = "SMARTMIX_CACHE"


def user_cache() -> Path:
    """``$SMARTMIX_CACHE``, or "smartmix" in the system's folder for caches of a user."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "") or Path.home() / "AppData" / "Local") / "smartmix"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "smartmix"
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path there is invalid and ignored.
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "smartmix"
