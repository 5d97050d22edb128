"""The process that plugins of one file run in: ``python -m smartmix.rack.host LIBRARY READ_FD WRITE_FD``.

It answers one message at a time and ends when the pipe does, even while a plugin hangs.
"""

from __future__ import annotations

import mmap
import os
import select
import sys
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.rack.wire import EndedError, receive, send


class Host:
    """The instances of one plugin file, by number, and the memory that audio is handed over in."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.plugins: dict[int, _core.Vst3Plugin] = {}
        self.memory: mmap.mmap | None = None

    def answer(self, message: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        """Do what a message asks."""
        do = getattr(self, f"do_{message['do']}")
        answered: tuple[dict[str, Any], bytes] = do(message, blob)
        return answered

    def do_make(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """A new instance: what it is."""
        plugin = _core.Vst3Plugin(self.library, message["class_id"])
        self.plugins[message["number"]] = plugin
        return self._told(plugin) | {"parameters": plugin.parameters, "facts": plugin.facts}, b""

    def do_drop(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """An instance is no longer needed."""
        self.plugins.pop(message["number"], None)
        return {}, b""

    def do_prepare(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Prepare, or say what it does not take."""
        plugin = self.plugins[message["number"]]
        try:
            plugin.prepare(*message["spec"])
        except RuntimeError as error:
            return self._told(plugin) | {"refused": str(error)}, b""
        return self._told(plugin), b""

    def do_memory(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Other memory from now on."""
        with open(message["file"], "r+b") as file:  # noqa: PTH123 (a descriptor is what mmap needs)
            self.memory = mmap.mmap(file.fileno(), message["bytes"])
        return {}, b""

    def do_process(self, message: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        """Run a whole job: audio, cuts and writes in, audio out, in the memory."""
        plugin = self.plugins[message["number"]]
        channels, frames, heard = message["channels"], message["frames"], message["heard"]
        cuts, writes = message["cuts"], message["writes"]
        assert self.memory is not None
        memory = np.frombuffer(self.memory, np.float32, (channels + heard) * frames).reshape(-1, frames)
        table = np.frombuffer(blob, np.uint8)
        ends = np.cumsum([0, 4 * cuts, 4 * writes, 4 * writes, 8 * writes])
        columns = [
            table[a:b].view(kind)
            for a, b, kind in zip(ends, ends[1:], (np.int32, np.int32, np.uint32, np.float64), strict=False)
        ]
        key = memory[channels:] if heard else None
        pieces, which, ids, values = columns
        made = memory[:channels]
        plugin.process(made, pieces, which, ids, values, key, in_place=True)
        told = self._told(plugin) | {"finite": _is_finite(made)}
        del memory, made, key
        return told, b""

    def do_set(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Set one parameter."""
        self.plugins[message["number"]].set(message["id"], message["value"])
        return {}, b""

    def do_normalise(self, message: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        """Normalised values of plain ones."""
        plain = np.frombuffer(blob, np.float64)
        return {}, self.plugins[message["number"]].to_normalised_many(message["id"], plain).tobytes()

    def do_ask(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """One of the questions about a value: get, to_plain, text."""
        question = message["question"]
        if question not in ("get", "to_plain", "text"):
            return {"error": f"unknown question {question}"}, b""
        return {"answer": getattr(self.plugins[message["number"]], question)(*message["values"])}, b""

    def do_state(self, message: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Both halves of the state."""
        component, controller = self.plugins[message["number"]].state()
        return {"component": len(component)}, component + controller

    def do_set_state(self, message: dict[str, Any], blob: bytes) -> tuple[dict[str, Any], bytes]:
        """Take a state."""
        count = message["component"]
        self.plugins[message["number"]].set_state(blob[:count], blob[count:])
        return {}, b""

    def _told(self, plugin: _core.Vst3Plugin) -> dict[str, Any]:
        return {
            "latency_frames": plugin.latency_frames,
            "tail_frames": plugin.tail_frames,
            "inputs": plugin.inputs,
        }


def _is_finite(samples: NDArray[np.float32]) -> bool:
    """Whether all samples are numbers; a sum tells at once unless it is too large itself."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(samples.sum())) or bool(np.isfinite(samples).all())


def main(library: str, read_fd: str, write_fd: str) -> None:
    """Answer until the pipe ends."""
    inbox, outbox = int(read_fd), int(write_fd)
    threading.Thread(target=end_with_the_pipe, args=(inbox,), daemon=True).start()
    host = Host(library)
    while True:
        try:
            message, blob = receive(inbox)
        except EndedError:
            os._exit(0)  # a plugin that hangs in its own clean-up must not keep us
        try:
            answer, out = host.answer(message, blob)
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            answer, out = {"error": str(error)}, b""
        send(outbox, answer, out)


def end_with_the_pipe(fd: int) -> None:
    """A plugin that hangs outlives nobody: when the other side is gone, so are we."""
    poll = select.poll()
    poll.register(fd, select.POLLHUP)
    while True:
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(1000)):
            os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
