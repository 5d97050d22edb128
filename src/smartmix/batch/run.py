"""A batch from beginning to end: what is still to do, by processes or by a cluster, written down as it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from smartmix.audio.files import write_text
from smartmix.batch import cluster, pool
from smartmix.batch.job import Done, Job, Task
from smartmix.batch.ledger import Ledger
from smartmix.errors import OutputExistsError, SmartmixError
from smartmix.progress import Progress, silent
from smartmix.rendering.threads import processors

Engine = Literal["local", "dask"]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Every job with what became of it, in the order given; ``ran`` of them in this batch, the others before."""

    outcomes: tuple[tuple[Job, Done], ...]
    ran: int
    seconds: float

    @property
    def failed(self) -> tuple[tuple[Job, Done], ...]:
        """Jobs without a result."""
        return tuple((job, done) for job, done in self.outcomes if not done.ok)

    @property
    def worst_code(self) -> int:
        """The exit code of the batch: 0, 1 (all done, a check failed), 2 (nothing could be done), 3 (some)."""
        if not self.failed:
            codes = {done.code for _, done in self.outcomes}
            return 3 if 3 in codes else 1 if 1 in codes else 0
        return 2 if len(self.failed) == len(self.outcomes) else 3


def run_batch(  # noqa: PLR0913 (one per option)
    jobs: Sequence[Job],
    task: Task,
    folder: Path,
    *,
    processes: int | None = None,
    retries: int = 1,
    timeout_s: float | None = None,
    engine: Engine = "local",
    scheduler: str | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> BatchResult:
    """Do every job once, several at a time, whatever becomes of the others.

    ``task`` is called with a job's words in another process (``processes`` of them; as many as there are cores); a
    process that dies costs one of ``retries`` further tries of the job it had. The ledger in ``folder``
    (batch.sqlite) knows what is done: with ``resume`` only the rest is done, and what failed is tried again. Errors:
    OutputExistsError for outputs that are there and not ours, or a ledger, without ``force``; SmartmixError.
    """
    if scheduler is not None and engine != "dask":
        raise SmartmixError("--scheduler is for --engine dask")
    if timeout_s is not None and engine == "dask":
        raise SmartmixError("--timeout is for --engine local; a Dask scheduler has limits of its own")
    folder.mkdir(parents=True, exist_ok=True)
    began_s = time.monotonic()
    with Ledger(folder, resume=resume, force=force) as ledger:
        if not force:
            _refuse_others_files(jobs, ledger)
        todo = ledger.enter(jobs)
        if resume and os.name == "posix":
            pool.remove_stale(todo)
        for job in todo:
            job.output.parent.mkdir(parents=True, exist_ok=True)
        count = processes if processes is not None else processors()
        count = max(1, min(count, len(todo)))
        if engine == "dask" and todo:
            results = cluster.work_off(todo, task, scheduler=scheduler, processes=count, retries=retries)
        else:
            results = pool.work_off(
                todo,
                task,
                processes=count,
                retries=retries,
                timeout_s=timeout_s,
                clean_up=pool.remove_leftovers,
            )
        _write_down(results, ledger, len(todo), progress or silent)
        if engine == "dask":
            ledger.look_again(todo)
        outcomes = tuple((job, ledger.outcome(job)) for job in jobs)
    return BatchResult(outcomes, len(todo), time.monotonic() - began_s)


def _write_down(results: Iterator[tuple[Job, Done]], ledger: Ledger, count: int, progress: Progress) -> None:
    began_s, failed = time.monotonic(), 0
    progress(f"0 of {count}", 0.0)
    for number, (job, done) in enumerate(results, start=1):
        if done.ok and job.output.suffix == ".json" and done.data:
            write_text(job.output, done.data, force=True)
        ledger.close_job(job, done)
        failed += not done.ok
        left_s = (time.monotonic() - began_s) / number * (count - number)
        also = f", {failed} failed" if failed else ""
        progress(f"{number} of {count}{also}, {_left(left_s)}", number / count)


def _left(seconds: float) -> str:
    if seconds < 90.0:
        return f"{seconds:.0f} s left"
    minutes = round(seconds / 60.0)
    return f"{minutes} min left" if minutes < 90 else f"{minutes / 60.0:.1f} h left"


def _refuse_others_files(jobs: Sequence[Job], ledger: Ledger) -> None:
    """Outputs that are there must be what an earlier batch wrote by the same options, untouched since."""
    there = [job.output for job in jobs if _is_there(job.output) and not ledger.written_by_us(job)]
    if there:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise OutputExistsError(f"{there[0]}: is already there{more}; use --force to replace it")
    other = [job.output for job in jobs if ledger.made_otherwise(job)]
    if other:
        more = f" (and {len(other) - 1} more)" if len(other) > 1 else ""
        raise OutputExistsError(
            f"{other[0]}: is done with other options{more}; --resume --force makes it anew, another folder keeps both"
        )


def _is_there(path: Path) -> bool:
    if path.is_dir():
        return any(not item.name.startswith(".smartmix-") for item in path.iterdir())
    return path.exists()
