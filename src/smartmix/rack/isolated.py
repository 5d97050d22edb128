"""Plugins in processes of their own: a crash, a hang, a flood of words or NaN costs one plugin and not the mix.

This guards against faults, not against malice: the process has the rights of the user.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import mmap
import os
import tempfile
import threading
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.rack.child import Log, ending, kill, start
from smartmix.rack.wire import Ended, TooLate, receive, send

START_S = 20.0
"""A plugin's process has this long to begin, and a plugin to be made."""
SHORTEST_DEADLINE_S = 2.0
SLOWEST = 3.0
"""A job has three times the length of its audio, or two seconds: what is slower hangs."""
REPLAY_FRAMES = 192_000
"""How much of the audio before a crash a new instance is fed, so that it sounds as if nothing had been: 4 s at 48 kHz."""
TRIES = 2
"""How often a job is given to a new instance before the plugin is bypassed."""
MEMORY_BYTES = 1 << 20
_LAST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a plugin did that cost it its process. ``recovered_s``: until its work went on, 0 when it did not."""

    plugin: str
    what: str
    recovered_s: float = 0.0
    log: str = ""

    @property
    def text(self) -> str:
        """One sentence."""
        after = f"went on after {self.recovered_s:.2f} s" if self.recovered_s else "it is bypassed from here on"
        return f"{self.plugin} {self.what}; {after}"


class _Process:
    """The process of one plugin file. Its generation counts how often it was begun."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.generation = 0
        self.guard = threading.RLock()
        self._child: Any = None
        self._log: Log | None = None
        self._to, self._from = -1, -1
        self._memory: mmap.mmap | None = None
        self._file: Path | None = None

    def ask(
        self, message: dict[str, Any], blob: bytes = b"", *, deadline_s: float = START_S
    ) -> tuple[dict[str, Any], bytes]:
        """One question, one answer. Lost says how the process ended; PluginError is the plugin's own refusal."""
        with self.guard:
            self._begin()
            try:
                send(self._to, message, blob)
                answer, out = receive(self._from, deadline_s)
            except Ended:
                raise Lost(self._end()) from None
            except TooLate:
                self._stop()
                raise Lost(f"gave no answer within {deadline_s:.1f} s") from None
            except BaseException:  # Ctrl-C in the middle of an answer: the pipe is out of step
                self._stop()
                raise
        if "error" in answer:
            raise PluginError(str(answer["error"]))
        return answer, out

    def memory(self, size: int) -> mmap.mmap:
        """Memory that both sides see, at least this large."""
        with self.guard:
            self._begin()
            if self._memory is None or len(self._memory) < size:
                self._share(max(size, MEMORY_BYTES))
            assert self._memory is not None
            return self._memory

    def last_words(self) -> str:
        """The end of what the plugin printed."""
        return "" if self._log is None else " ".join(self._log.text().split())[-_LAST_WORDS:]

    def stop(self) -> None:
        """End the process."""
        with self.guard:
            self._stop()

    def _begin(self) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        if self._child is not None:
            self._stop()
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        arguments = [self.library, str(theirs_in), str(theirs_out)]
        self._child = start("smartmix.rack.host", arguments, pass_fds=(theirs_in, theirs_out))
        os.close(theirs_in)
        os.close(theirs_out)
        self._log = Log(self._child.stdout)
        self.generation += 1

    def _share(self, size: int) -> None:
        folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
        try:
            handle, name = tempfile.mkstemp(prefix="smartmix-", dir=folder)
        except OSError:
            handle, name = tempfile.mkstemp(prefix="smartmix-")
        try:
            os.posix_fallocate(handle, 0, size)
            self._memory = mmap.mmap(handle, size)
            self.ask({"do": "memory", "file": name, "bytes": size})
        finally:
            os.close(handle)
            Path(name).unlink(missing_ok=True)  # both sides have it open: nothing is left behind, whatever happens

    def _end(self) -> str:
        """How it ended, after its pipe did."""
        with contextlib.suppress(Exception):
            self._child.wait(2.0)
        code = self._child.poll()
        self._stop()
        return "ended without a word" if code is None else ending(code)

    def _stop(self) -> None:
        if self._child is None:
            return
        kill(self._child)
        for fd in (self._to, self._from):
            with contextlib.suppress(OSError):
                os.close(fd)
        self._child = None
        if self._memory is not None:
            with contextlib.suppress(BufferError):
                self._memory.close()
            self._memory = None


class Lost(Exception):
    """The process is gone, or was ended because it hung."""


_PROCESSES: dict[str, _Process] = {}
_GUARD = threading.Lock()
_NUMBERS = itertools.count(1)


def _process_of(library: str) -> _Process:
    """The one process of a plugin file, for every instance of its plugins."""
    with _GUARD:
        return _PROCESSES.setdefault(library, _Process(library))


@atexit.register
def stop_all() -> None:
    """End every plugin's process."""
    with _GUARD:
        processes = list(_PROCESSES.values())
        _PROCESSES.clear()
    for process in processes:
        process.stop()


@dataclass(slots=True)
class _Job:
    """What was fed lately, to be fed again."""

    samples: Samples
    cuts: NDArray[np.int32]
    columns: tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.float64]]
    heard: Samples | None


@dataclass(slots=True)
class _Memory:
    """How an instance was set up, and what it was fed: enough to make another one in its place."""

    state: tuple[bytes, bytes] | None = None
    values: dict[int, float] = field(default_factory=dict)
    spec: tuple[float, int, int, int] | None = None
    jobs: deque[_Job] = field(default_factory=deque)

    def fed(self, job: _Job) -> None:
        """Keep the last few seconds."""
        self.jobs.append(job)
        while sum(j.samples.shape[1] for j in self.jobs) - self.jobs[0].samples.shape[1] > REPLAY_FRAMES:
            self._settle(self.jobs.popleft())

    def _settle(self, job: _Job) -> None:
        """A job that is not fed again leaves its last values behind."""
        for id_, value in zip(job.columns[1].tolist(), job.columns[2].tolist(), strict=True):
            self.values[id_] = value


class IsolatedPlugin:
    """A plugin in its file's own process, with the calls of ``_core.Vst3Plugin``.

    A job whose process crashes or hangs, or that comes back with numbers that are none, is given to a new instance,
    set as before and fed the last seconds again. When that fails twice, the plugin is bypassed: the audio comes back
    as it was, as late as the plugin would have made it. ``incidents`` tell.
    """

    def __init__(self, library: str, class_id: str) -> None:
        self._process = _process_of(library)
        self._class_id = class_id
        self._number = next(_NUMBERS)
        self._memory = _Memory()
        self._bypassed = False
        self._late: Samples | None = None
        self.incidents: list[Incident] = []
        try:
            self._told = self._make()
        except Lost as lost:
            raise PluginError(f"the plugin {lost} when it was loaded; {self._process.last_words()}") from None
        weakref.finalize(self, _drop, self._process, self._number)

    @property
    def facts(self) -> dict[str, str]:
        """Name, class id, vendor, version."""
        facts: dict[str, str] = self._told["facts"]
        return facts

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The input buses."""
        inputs: list[dict[str, Any]] = self._told["inputs"]
        return inputs

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What the plugin tells of its parameters."""
        parameters: list[dict[str, Any]] = self._told["parameters"]
        return parameters

    @property
    def latency_frames(self) -> int:
        """As the plugin last said."""
        return int(self._told["latency_frames"])

    @property
    def tail_frames(self) -> int:
        """As the plugin last said."""
        return int(self._told["tail_frames"])

    @property
    def bypassed(self) -> bool:
        """Whether it was given up."""
        return self._bypassed

    def prepare(
        self, sample_rate: float, channels: int, most_frames: int, side_chain_channels: int = 0
    ) -> None:
        """Ready for audio, from silence; RuntimeError for what the plugin does not take."""
        spec = (sample_rate, channels, most_frames, side_chain_channels)
        self._memory.jobs.clear()
        self._late = None
        answer = self._ask({"do": "prepare", "spec": spec})
        self._told |= answer
        if "refused" in answer:
            raise RuntimeError(answer["refused"])
        self._memory.spec = spec

    def reset(self) -> None:
        """Forget the audio."""
        self._memory.jobs.clear()
        self._late = None
        self._told |= self._ask({"do": "reset"})

    def set(self, id: int, normalised: float) -> None:
        """Set one parameter."""
        self._memory.values[id] = normalised
        self._ask({"do": "set", "id": id, "value": normalised})

    def get(self, id: int) -> float:
        """The value in force, or the plugin's report."""
        return float(self._question("get", id))

    def to_plain(self, id: int, normalised: float) -> float:
        """The plugin's plain value."""
        return float(self._question("to_plain", id, normalised))

    def to_normalised_many(self, id: int, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        """The normalised values of plain ones."""
        question = {"do": "normalise", "id": id}
        _, blob = self._retried(question, np.ascontiguousarray(plain, np.float64).tobytes())
        return np.frombuffer(blob, np.float64)

    def text(self, id: int, normalised: float) -> str:
        """What the plugin shows for a value."""
        return str(self._question("text", id, normalised))

    def state(self) -> tuple[bytes, bytes]:
        """Both halves of its memory."""
        answer, blob = self._retried({"do": "state"})
        return blob[: answer["component"]], blob[answer["component"] :]

    def set_state(self, component: bytes, controller: bytes) -> None:
        """Take both halves."""
        self._memory.state = (component, controller)
        self._memory.values.clear()
        self._retried({"do": "set_state", "component": len(component)}, component + controller)

    def process(
        self,
        samples: Samples,
        cuts: NDArray[np.int32],
        pieces: NDArray[np.int32] | None = None,
        ids: NDArray[np.uint32] | None = None,
        values: NDArray[np.float64] | None = None,
        side_chain: Samples | None = None,
    ) -> Samples:
        """A whole job; see ``_core.Vst3Plugin.process``. Never fails: at worst the plugin is bypassed."""
        columns = (
            np.zeros(0, np.int32) if pieces is None else pieces,
            np.zeros(0, np.uint32) if ids is None else ids,
            np.zeros(0) if values is None else values,
        )
        job = _Job(samples, cuts, columns, side_chain)
        out = None if self._bypassed else self._done(job)
        self._memory.fed(job)
        return self._dry(job) if out is None else out

    def _done(self, job: _Job) -> Samples | None:
        """The job's result; None after the plugin was given up."""
        began = 0.0
        what = ""
        for attempt in range(TRIES + 1):
            try:
                if attempt:
                    self._rebuild()
                out = self._run(job)
            except Lost as lost:
                began = began or time.monotonic()
                what = str(lost)
                continue
            if np.isfinite(out).all():
                if attempt:
                    self._note(what, time.monotonic() - began)
                return out
            began = began or time.monotonic()
            what = "gave numbers that are none (NaN)"
        self._note(what, 0.0)
        self._bypassed = True
        return None

    def _note(self, what: str, recovered_s: float) -> None:
        self.incidents.append(
            Incident(self.facts["name"], what, recovered_s, self._process.last_words())
        )

    def _run(self, job: _Job) -> Samples:
        if self._generation != self._process.generation:
            self._rebuild()
        channels, frames = job.samples.shape
        heard = 0 if job.heard is None else job.heard.shape[0]
        with self._process.guard:
            memory = self._process.memory(4 * (channels + heard) * frames)
            if self._generation != self._process.generation:
                self._rebuild()
            room = np.frombuffer(memory, np.float32, (channels + heard) * frames).reshape(-1, frames)
            try:
                room[:channels] = job.samples
                if job.heard is not None:
                    room[channels:] = job.heard
                message = {
                    "do": "process",
                    "number": self._number,
                    "channels": channels,
                    "frames": frames,
                    "heard": heard,
                    "cuts": len(job.cuts),
                    "writes": len(job.columns[0]),
                }
                blob = b"".join(np.ascontiguousarray(c).tobytes() for c in (job.cuts, *job.columns))
                answer, _ = self._process.ask(message, blob, deadline_s=self._deadline_s(frames))
                self._told |= answer
                return room[:channels].copy()
            finally:
                del room

    def _deadline_s(self, frames: int) -> float:
        rate = self._memory.spec[0] if self._memory.spec else 48_000.0
        return max(SHORTEST_DEADLINE_S, SLOWEST * frames / rate)

    def _dry(self, job: _Job) -> Samples:
        """The audio as it was, as late as the plugin's would be."""
        late = self.latency_frames
        if self._late is None:
            before = [j.samples for j in self._memory.jobs][:-1]
            past = np.concatenate([np.zeros((job.samples.shape[0], late), np.float32), *before], axis=1)
            self._late = past[:, past.shape[1] - late :]
        line = np.concatenate([self._late, job.samples], axis=1)
        self._late = line[:, line.shape[1] - late :]
        return np.ascontiguousarray(line[:, : job.samples.shape[1]])

    def _make(self) -> dict[str, Any]:
        answer, _ = self._process.ask({"do": "make", "number": self._number, "class_id": self._class_id})
        self._generation = self._process.generation
        return answer

    def _rebuild(self) -> None:
        """A new instance, set and fed as the one that was lost."""
        self._make()
        memory = self._memory
        number = {"number": self._number}
        if memory.state is not None:
            component, controller = memory.state
            self._process.ask({"do": "set_state", "component": len(component)} | number, component + controller)
        for id_, value in memory.values.items():
            self._process.ask({"do": "set", "id": id_, "value": value} | number)
        if memory.spec is not None:
            self._process.ask({"do": "prepare", "spec": memory.spec} | number)
        for job in list(memory.jobs):
            self._run(job)

    def _question(self, question: str, *values: float) -> Any:
        answer = self._ask({"do": "ask", "question": question, "values": values})
        return answer["answer"]

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        return self._retried(message)[0]

    def _retried(self, message: dict[str, Any], blob: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """A question that is asked again of a new instance when the process was lost."""
        lost: Lost | None = None
        for attempt in range(TRIES):
            try:
                if attempt or self._generation != self._process.generation:
                    self._rebuild()
                return self._process.ask(message | {"number": self._number}, blob)
            except Lost as error:
                lost = error
        raise PluginError(f"{self._told['facts']['name']}: the plugin {lost}")


def _drop(process: _Process, number: int) -> None:
    """Nobody needs an instance any more: say so, if its process is at hand and idle."""
    if process.guard.acquire(blocking=False):
        try:
            if process._child is not None and process._child.poll() is None:
                with contextlib.suppress(Lost, PluginError):
                    process.ask({"do": "drop", "number": number}, deadline_s=1.0)
        finally:
            process.guard.release()
