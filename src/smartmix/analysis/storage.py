"""analysis.json: the facts for machines. The 10 Hz features stay in memory."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from smartmix.analysis.analysis import Analysis
from smartmix.analysis.landmarks import Fingerprint

FORMAT = 1
DECIMALS = 4
IN_MEMORY = ("features", "tone", "cells")
"""Fields with time series: suggesters read them, machines do not."""


def to_json(analysis: Analysis, session_folder: str = "") -> str:
    """The analysis as JSON: keys sorted, floats rounded to 4 decimals, a level that does not exist as null.

    The same session gives the same bytes. ``format`` is 1. ``session_folder`` is where the session lies, from the
    folder the file is written to; left out where nobody says.
    """
    content = {"format": FORMAT, **_plain(analysis)}
    if session_folder:
        content["session_folder"] = session_folder
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Fingerprint):
        return value.to_plain()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in IN_MEMORY}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        return {"shape": list(value.shape), "uint8": base64.b64encode(value.tobytes()).decode("ascii")}
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, (float, np.floating)):
        return round(float(value), DECIMALS) + 0.0 if math.isfinite(value) else None
    return value
