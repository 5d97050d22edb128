"""Processes that work jobs off one by one. One that dies costs one try of the job it had, and is replaced.

concurrent.futures gives up every waiting job when one of its processes dies, joblib the whole call (both tried); a
plugin that takes its process with it must cost no more than its own file.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from types import FrameType

from smartmix.batch.interrupts import deaf_children, ignore_in_child, kept_waiting
from smartmix.batch.job import DIED, TOO_LONG, Done, Job, Task

JOBS_A_PROCESS = 100
"""So many jobs, then a new process: what a plugin or codec leaks does not add up."""
_LET_GO_S = 5.0


@dataclass(slots=True)
class _Waiting:
    job: Job
    tries: int = 0


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    jobs: int = 0
    at_work: _Waiting | None = None
    since_s: float = field(default_factory=time.monotonic)


def work_off(
    jobs: Sequence[Job],
    task: Task,
    *,
    processes: int,
    retries: int = 1,
    timeout_s: float | None = None,
    clean_up: Callable[[Job, int], None] = lambda job, pid: None,
) -> Generator[tuple[Job, Done], None, None]:
    """Results as they come. A job whose process dies or that takes longer than ``timeout_s`` is tried ``retries``
    times more; ``clean_up`` is called for it with the process id, to remove what it left half done. When the iterator
    is closed (or Ctrl-C comes) processes still at work are ended and cleaned up after.
    """
    context = multiprocessing.get_context("spawn")
    waiting = deque(_Waiting(job) for job in jobs)
    workers: list[_Worker] = []
    try:
        while waiting or any(w.at_work for w in workers):
            _hand_out(waiting, workers, lambda: _start(context, task), processes)
            ready = wait(_signals(workers), timeout=_until_late(workers, timeout_s))
            for worker in list(workers):
                done = _heard(worker, ready, timeout_s)
                if done is None:
                    continue
                entry, worker.at_work = worker.at_work, None
                if done.code in (DIED, TOO_LONG) or worker.jobs >= JOBS_A_PROCESS:
                    workers.remove(worker)
                    pid = _end(worker)
                    if done.code in (DIED, TOO_LONG) and entry is not None:
                        clean_up(entry.job, pid)
                if entry is None:
                    continue
                entry.tries += 1
                if done.code in (DIED, TOO_LONG) and entry.tries <= retries:
                    waiting.append(entry)  # behind the others: what kills a process may kill the next
                else:
                    yield entry.job, replace(done, attempts=entry.tries)
    finally:
        with kept_waiting():
            _end_all(workers, clean_up)


def _start(context: SpawnContext, task: Task) -> _Worker:
    ours, theirs = context.Pipe()
    # Not a daemon: those may have no processes of their own, and isolated plugins are such.
    process = context.Process(target=_serve, args=(theirs, task), name="smartmix-batch")
    with deaf_children():
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _hand_out(
    waiting: deque[_Waiting], workers: list[_Worker], start: Callable[[], _Worker], processes: int
) -> None:
    while waiting:
        idle = next((w for w in workers if w.at_work is None), None)
        if idle is None:
            if len(workers) >= processes:
                return
            with kept_waiting():
                idle = start()
                workers.append(idle)
        entry = waiting.popleft()
        idle.at_work, idle.since_s = entry, time.monotonic()
        idle.jobs += 1
        with contextlib.suppress(OSError):  # a process that is dead already is noticed by its sentinel
            idle.pipe.send(entry.job.words)


def _signals(workers: Sequence[_Worker]) -> list[Connection | int]:
    busy = [w for w in workers if w.at_work is not None]
    return [item for w in busy for item in (w.pipe, w.process.sentinel)]


def _until_late(workers: Sequence[_Worker], timeout_s: float | None) -> float | None:
    """How long to wait at most, s; None for as long as it takes."""
    if timeout_s is None:
        return None
    now = time.monotonic()
    return max(0.0, min((w.since_s + timeout_s - now for w in workers if w.at_work), default=0.0))


def _heard(worker: _Worker, ready: Sequence[object], timeout_s: float | None) -> Done | None:
    """What a process says, or that it is gone or late; None if it is at work."""
    if worker.at_work is None:
        return None
    took_s = time.monotonic() - worker.since_s
    if worker.pipe in ready or worker.process.sentinel in ready:
        try:
            if worker.pipe.poll():
                answer = worker.pipe.recv()
                if isinstance(answer, Done):
                    return answer
        except (EOFError, OSError):
            pass
        worker.process.join(_LET_GO_S)
        return Done(DIED, f"its process died ({_how(worker.process.exitcode)})", seconds=took_s)
    if timeout_s is not None and took_s >= timeout_s:
        return Done(TOO_LONG, f"not done after {timeout_s:g} s", seconds=took_s)
    return None


def _how(code: int | None) -> str:
    if code is None:
        return "without a word"
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"{signal.Signals(-code).name}, signal {-code}"
    except ValueError:
        return f"signal {-code}"


def _end_all(workers: Sequence[_Worker], clean_up: Callable[[Job, int], None]) -> None:
    for worker in workers:  # all are told first: they stop side by side
        if worker.at_work is not None and worker.process.is_alive():
            worker.process.terminate()
    for worker in workers:
        pid = _end(worker)
        if worker.at_work is not None:
            clean_up(worker.at_work.job, pid)


def _end(worker: _Worker) -> int:
    """End a process, gently first (it removes what it has half done), and give its id."""
    pid = worker.process.pid or 0
    worker.pipe.close()
    if worker.process.is_alive():
        if worker.at_work is not None:
            worker.process.terminate()
        worker.process.join(_LET_GO_S)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
    worker.process.close()
    return pid


def _serve(pipe: Connection, task: Task) -> None:
    """A process of the pool: jobs in, results out, until the other end is closed."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(128 + number)  # unwinds the stack: temporary files go

    signal.signal(signal.SIGTERM, stop)
    ignore_in_child()
    while True:
        try:
            words = pipe.recv()
        except (EOFError, OSError):
            return
        began_s = time.monotonic()
        done = replace(task(words), seconds=time.monotonic() - began_s)
        with contextlib.suppress(OSError):
            pipe.send(done)


def remove_leftovers(job: Job, pid: int) -> None:
    """Remove the hidden files a process that was killed left where the job writes."""
    place: Path = job.output if job.output.is_dir() else job.output.parent
    patterns = [f".smartmix-{pid}-*.part"] + ([".smartmix-*"] if job.output.is_dir() else [])
    for pattern in patterns:
        for left in place.glob(pattern):
            _remove(left)


def remove_stale(jobs: Sequence[Job]) -> None:
    """Remove hidden files that a killed batch left where these jobs write: those of processes that are gone."""
    for place in {job.output.parent for job in jobs}:
        for left in place.glob(".smartmix-*-*.part"):
            pid = left.name.split("-")[1]
            if pid.isdecimal() and not _is_alive(int(pid)):
                _remove(left)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def _remove(path: Path) -> None:
    import shutil

    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
