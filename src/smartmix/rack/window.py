"""The process of a plugin's own window: ``python -m smartmix.rack.window LIBRARY CLASS_ID READ_FD WRITE_FD``.

It is told a title and a state, says that the window is open, beats every second, and gives the state back when it
was closed, by its user or because the other side says "close".
"""

from __future__ import annotations

import select
import sys
import threading
import time
from typing import Any

from smartmix import _core
from smartmix.rack.host import end_with_the_pipe
from smartmix.rack.wire import receive, send

TURN_MS = 50
BEAT_S = 1.0


def main(library: str, class_id: str, read_fd: str, write_fd: str) -> None:
    """Show the window until it is closed."""
    inbox, outbox = int(read_fd), int(write_fd)
    threading.Thread(target=end_with_the_pipe, args=(inbox,), daemon=True).start()
    told, blob = receive(inbox)
    try:
        answer, out = shown(library, class_id, (told, blob), (inbox, outbox))
    except (RuntimeError, ValueError) as error:
        answer, out = {"error": str(error)}, b""
    send(outbox, answer, out)


def shown(
    library: str, class_id: str, told: tuple[dict[str, Any], bytes], pipes: tuple[int, int]
) -> tuple[dict[str, Any], bytes]:
    """The plugin as its window leaves it."""
    message, blob = told
    inbox, outbox = pipes
    plugin = _core.Vst3Plugin(library, class_id)
    if message["with_state"]:
        plugin.set_state(blob[: message["component"]], blob[message["component"] :])
    plugin.open_editor(message["title"])
    send(outbox, {"open": True})
    next_beat = time.monotonic() + BEAT_S
    while plugin.editor_turn(TURN_MS) and not _asked(inbox):
        if time.monotonic() >= next_beat:
            send(outbox, {"beat": True})
            next_beat = time.monotonic() + BEAT_S
    # What the window shows is kept before the window goes: a plugin that fails at closing it loses nothing.
    component, controller = plugin.state()
    send(outbox, {"component": len(component)}, component + controller)
    plugin.close_editor()
    return {"closed": True}, b""


def _asked(inbox: int) -> bool:
    """Whether the other side wants the window closed."""
    return bool(select.select([inbox], [], [], 0.0)[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
