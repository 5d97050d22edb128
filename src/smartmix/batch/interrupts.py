"""Ctrl-C kept waiting while something is done that must not be left half done: processes begun, processes ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType


@contextmanager
def kept_waiting() -> Iterator[None]:
    """A Ctrl-C that comes inside is raised at the end; a second one no more than the first.

    Without it a second Ctrl-C breaks off the ending of the processes, and Python then waits at its own end for those
    that nobody has told to stop. Outside the main thread, where none arrives, nothing is changed.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    came: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        came.append(number)

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def deaf_children() -> Iterator[None]:
    """A process begun inside does not hear a Ctrl-C while it is still importing: it would end with a traceback.
    From then on ``ignore_in_child`` sees to it.
    """
    with kept_waiting():
        if not hasattr(signal, "pthread_sigmask"):  # Windows has no masks
            yield
            return
        resource_tracker.ensure_running()  # it lifts the mask where it has to start one itself
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_in_child() -> None:
    """Ctrl-C goes to all processes of a terminal; the one in charge ends the others in order, so they ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
