"""Measurements of a plugin, kept in the user's cache folder until the plugin's file changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable

from smartmix.audio.files import write_text
from smartmix.audio.user_cache import user_cache
from smartmix.errors import SmartmixError
from smartmix.rack.device import Device
from smartmix.rack.vst3 import Vst3Device

FORMAT = 1
"""Raise when what is measured, or how, changes."""


def kept(what: str, device: Device, sample_rate: float, measure: Callable[[], str]) -> str:
    """The kept text of a measurement, or that of ``measure``, which is then kept.

    It belongs to the plugin (class, version, its file's size and time of change), to its switches and choices, and to
    the sample rate; a folder that cannot be written only costs the time to measure again.
    """
    if not isinstance(device, Vst3Device):
        return measure()
    file = user_cache() / "responses" / f"{what}-{_key(device, sample_rate)}.json"
    with contextlib.suppress(OSError, ValueError):
        text = file.read_text(encoding="utf-8")
        json.loads(text)  # half a file is none
        return text
    text = measure()
    with contextlib.suppress(OSError, SmartmixError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, text, force=True)
    return text


def _key(device: Vst3Device, sample_rate: float) -> str:
    stamp = (0, 0)
    if device.library is not None:
        with contextlib.suppress(OSError):
            status = device.library.stat()
            stamp = (status.st_mtime_ns, status.st_size)
    chosen = {i.id: device.get(i.id) for i in device.parameters if i.scale in ("toggle", "choice")}
    told = [FORMAT, device.class_id, device.version, stamp, sample_rate, chosen, device.loaded_hash]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]
