"""Plugins in processes of their own: a crash, a hang, a flood of words or NaN costs one plugin and not the mix.

This guards against faults, not against malice: the process has the rights of the user.
"""

from __future__ import annotations

import contextlib
import itertools
import time
import weakref
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.rack.engine import Columns, Cuts
from smartmix.rack.process import LostError, PluginProcess, process_of

SHORTEST_DEADLINE_S = 2.0
SLOWEST = 3.0
"""A job has three times the length of its audio, or two seconds: what is slower hangs."""
REPLAY_FRAMES = 192_000
"""How much of the audio before a crash a new instance is fed, so that nothing is heard of it: 4 s at 48 kHz."""
TRIES = 2
"""How often a job is given to a new instance before the plugin is bypassed."""


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
        after = (
            f"went on after {self.recovered_s:.2f} s" if self.recovered_s else "it is bypassed from here on"
        )
        return f"{self.plugin} {self.what}; {after}"


_NUMBERS = itertools.count(1)


class GivenUpError(PluginError):
    """A plugin that was lost again and again. ``what`` it did."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: the plugin {what}")
        self.what = what


@dataclass(slots=True)
class _Job:
    """What was fed lately, to be fed again."""

    samples: Samples
    cuts: Cuts
    columns: Columns
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
        self._process = process_of(library)
        self._class_id = class_id
        self._number = next(_NUMBERS)
        self._memory = _Memory()
        self._bypassed = False
        self._late: Samples | None = None
        self.incidents: list[Incident] = []
        self._told = self._made()
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
        if self._bypassed:
            self._memory.spec = spec
            return
        try:
            answer = self._ask({"do": "prepare", "spec": spec})
        except GivenUpError as error:
            self._memory.spec = spec
            self._give_up(error.what)
            return
        self._told |= answer
        if "refused" in answer:
            raise RuntimeError(answer["refused"])
        self._memory.spec = spec

    def set(self, parameter: int, normalised: float) -> None:
        """Set one parameter."""
        self._memory.values[parameter] = normalised
        if not self._bypassed:
            self._ask({"do": "set", "id": parameter, "value": normalised})

    def get(self, parameter: int) -> float:
        """The value in force, or the plugin's report."""
        return float(self._question("get", parameter))

    def to_plain(self, parameter: int, normalised: float) -> float:
        """The plugin's plain value."""
        return float(self._question("to_plain", parameter, normalised))

    def to_normalised_many(self, parameter: int, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        """The normalised values of plain ones."""
        question = {"do": "normalise", "id": parameter}
        _, blob = self._retried(question, np.ascontiguousarray(plain, np.float64).tobytes())
        return np.frombuffer(blob, np.float64)

    def text(self, parameter: int, normalised: float) -> str:
        """What the plugin shows for a value."""
        return str(self._question("text", parameter, normalised))

    def state(self) -> tuple[bytes, bytes]:
        """Both halves of its memory."""
        answer, blob = self._retried({"do": "state"})
        return blob[: answer["component"]], blob[answer["component"] :]

    def set_state(self, component: bytes, controller: bytes) -> None:
        """Take both halves."""
        self._memory.state = (component, controller)
        self._memory.values.clear()
        self._retried({"do": "set_state", "component": len(component)}, component + controller)

    def process(  # noqa: PLR0917 (the columns of a job)
        self,
        samples: Samples,
        cuts: Cuts,
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
            except LostError as lost:
                began = began or time.monotonic()
                what = str(lost)
                continue
            if self._told["finite"]:
                if attempt:
                    self._note(what, time.monotonic() - began)
                return out
            began = began or time.monotonic()
            what = "gave numbers that are none (NaN)"
        self._give_up(what)
        return None

    def _give_up(self, what: str) -> None:
        self._note(what, 0.0)
        self._bypassed = True

    def _note(self, what: str, recovered_s: float) -> None:
        self.incidents.append(Incident(self.facts["name"], what, recovered_s, self._process.last_words()))

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

    def _made(self) -> dict[str, Any]:
        """The first instance. A process that another instance took down, or somebody else, is begun again."""
        what = ""
        for _ in range(TRIES):
            try:
                return self._make()
            except LostError as lost:
                what = str(lost)
        raise PluginError(f"the plugin {what} when it was loaded; {self._process.last_words()}")

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
            self._process.ask(
                {"do": "set_state", "component": len(component)} | number, component + controller
            )
        for id_, value in memory.values.items():
            self._process.ask({"do": "set", "id": id_, "value": value} | number)
        if self._bypassed:
            return  # it is only asked about values any more
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
        what = ""
        for attempt in range(TRIES):
            try:
                if attempt or self._generation != self._process.generation:
                    self._rebuild()
                return self._process.ask(message | {"number": self._number}, blob)
            except LostError as error:
                what = str(error)
        raise GivenUpError(self._told["facts"]["name"], what)


def _drop(process: PluginProcess, number: int) -> None:
    """Nobody needs an instance any more: say so, if its process is at hand and idle."""
    if process.guard.acquire(blocking=False):
        try:
            if process._child is not None and process._child.poll() is None:
                with contextlib.suppress(LostError, PluginError):
                    process.ask({"do": "drop", "number": number}, deadline_s=1.0)
        finally:
            process.guard.release()
