"""A plugin's own window: opened in a process of its own, and what was set in it taken home."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartmix.errors import OutputExistsError, PluginError
from smartmix.processors.values import Value
from smartmix.rack.child import Log, ending, kill, start
from smartmix.rack.loading import device_of
from smartmix.rack.preset_file import PluginState, read_preset
from smartmix.rack.scanning import Plugin, ScannedFile
from smartmix.rack.vst3 import Vst3Device
from smartmix.rack.wire import EndedError, receive, send

OPENS_S = 30.0
"""A window has this long to open, with the plugin behind it."""
SILENT_S = 5.0
"""A window that gives no sign for so long is said to hang; it is not ended, since it may be showing a file dialog."""
CLOSES_S = 5.0
"""After Ctrl-C a window has this long to close."""
LEAVES_S = 2.0
"""A plugin has this long to take its window down, after its state is home."""
DISPLAY_LOST = 71
"""Exit code of a process whose display went away (csrc/vst3/x11_window.hpp)."""
LAST_WORDS = 200

Say = Callable[[str], None]
_Message = tuple[dict[str, Any], bytes]


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter that is not what it was, in the plugin's own words: "-18.0 dB"."""

    parameter: str
    before: Value
    after: Value
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """How a window left a plugin. ``changed``: whether anything is different, also what is no parameter."""

    state: PluginState
    changes: tuple[Change, ...]
    changed: bool


def preset_place(plugin: Plugin, save: Path | None, *, force: bool = False) -> Path:
    """Where a window's settings go: ``save``, or NAME.vstpreset in this folder; never over another one."""
    place = save if save is not None else Path(plugin.name.replace("/", "-").strip(".") + ".vstpreset")
    if place.suffix.lower() != ".vstpreset":
        raise PluginError(f"{place}: settings are saved as .vstpreset")
    if place.exists() and not force:
        raise OutputExistsError(f"{place} is already there; --force replaces it, --save names another file")
    if not place.absolute().parent.is_dir():
        raise PluginError(f"{place}: there is no folder {place.parent}")
    return place


def edit_in_window(
    file: ScannedFile, plugin: Plugin, *, preset: Path | None = None, say: Say = print
) -> Edited:
    """Open the plugin's own window and wait until it is closed, by its user or by Ctrl-C.

    It begins with the settings of ``preset``, or the plugin's own. ``say`` gets a line when there is something to know
    while the window is open. PluginError where there is no display or the plugin has no window, and for a plugin that
    crashes in its window or, after Ctrl-C, does not let it close: nothing else is touched by that.
    """
    if sys.platform != "linux":
        raise PluginError("plugin windows are shown on Linux with X11 only; not on this system yet")
    device = device_of(file, plugin)
    if preset is not None:
        device.state = read_preset(preset)
    before = device.state
    device.state = before  # read as the state that comes back will be: no rounding is told as a change
    values, texts = _values(device)
    window = _Window(str(device.library), plugin)
    try:
        component, controller = window.run(before if preset is not None else None, say)
    finally:
        window.end()
    after = PluginState(plugin.class_id, component, controller)
    device.state = after
    new_values, new_texts = _values(device)
    changes = tuple(
        Change(name, value, new_values[name], texts[name], new_texts[name])
        for name, value in values.items()
        if new_values[name] != value
    )
    return Edited(after, changes, changed=bool(changes) or after != before)


def _values(device: Vst3Device) -> tuple[dict[str, Value], dict[str, str]]:
    """What a state makes of every parameter."""
    names = [info.id for info in device.parameters]
    return {n: device.get(n) for n in names}, {n: device.text(n) for n in names}


class _Window:
    """The process of one window, as this side sees it."""

    def __init__(self, library: str, plugin: Plugin) -> None:
        self._name = plugin.name
        self._state_is_home = False
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        arguments = [library, plugin.class_id, str(theirs_in), str(theirs_out)]
        self._child = start("smartmix.rack.window", arguments, pass_fds=(theirs_in, theirs_out))
        os.close(theirs_in)
        os.close(theirs_out)
        assert self._child.stdout is not None
        self._log = Log(self._child.stdout)
        # Read in a thread of its own: Ctrl-C may come at any moment, and must not cut a message in two.
        self._inbox: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(self, state: PluginState | None, say: Say) -> tuple[bytes, bytes]:
        """Both halves of the state that the window leaves."""
        blob = b"" if state is None else state.component + state.controller
        count = 0 if state is None else len(state.component)
        told = {"title": f"{self._name} - smartmix", "with_state": state is not None, "component": count}
        with contextlib.suppress(EndedError):  # how it ended is told where its answer is missing
            send(self._to, told, blob)
        self._next(OPENS_S, "did not open its window")
        say(f"{self._name}: close the window, or press Ctrl-C, when you are done.")
        try:
            answer, blob = self._until_closed(say)
        except KeyboardInterrupt:
            answer, blob = self._closed()
        self._state_is_home = True
        return blob[: answer["component"]], blob[answer["component"] :]

    def _until_closed(self, say: Say) -> _Message:
        hangs = False
        while True:
            try:
                message = self._inbox.get(timeout=SILENT_S)
            except queue.Empty:
                if not hangs:
                    say(f"{self._name}: the window does not answer; Ctrl-C ends it.")
                hangs = True
                continue
            answer, blob = self._checked(message)
            hangs = False
            if "component" in answer:
                return answer, blob

    def _closed(self) -> _Message:
        """The window's last answer after it was told to close."""
        with contextlib.suppress(EndedError):
            send(self._to, {"close": True})
        while True:
            answer, blob = self._next(CLOSES_S, "did not let its window close; nothing was saved")
            if "component" in answer:
                return answer, blob

    def _next(self, seconds: float, otherwise: str) -> _Message:
        try:
            return self._checked(self._inbox.get(timeout=seconds))
        except queue.Empty:
            raise PluginError(f"{self._name}: the plugin {otherwise} (waited {seconds:.0f} s)") from None

    def _checked(self, message: _Message | None) -> _Message:
        if message is None:
            raise PluginError(f"{self._name}: {self._ending()}")
        if "error" in message[0]:
            raise PluginError(f"{self._name}: {message[0]['error']}")
        return message

    def _ending(self) -> str:
        with contextlib.suppress(Exception):
            self._child.wait(2.0)
        code = self._child.poll()
        if code == DISPLAY_LOST:
            return "the display went away, and the window with it; nothing was saved"
        words = " ".join(self._log.text(0.5).split())[-LAST_WORDS:]
        what = "ended" if code is None else ending(code)
        return f"the plugin {what} in its window; nothing was saved" + (
            f"; it said: {words}" if words else ""
        )

    def _read(self) -> None:
        with contextlib.suppress(EndedError, OSError):
            while True:
                self._inbox.put(receive(self._from))
        self._inbox.put(None)

    def end(self) -> None:
        """The process and its window are gone afterwards. One that has told its state may take leave by itself."""
        if self._state_is_home:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(LEAVES_S)
        kill(self._child)
        self._reader.join(2.0)
        for fd in (self._to, self._from):
            with contextlib.suppress(OSError):
                os.close(fd)
