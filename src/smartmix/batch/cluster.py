"""The same jobs on a Dask cluster: one that is running (its scheduler's address), or processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from smartmix.batch.job import DIED, Done, Job, Task
from smartmix.errors import SmartmixError

_REACHED_S = 10.0


def work_off(
    jobs: Sequence[Job], task: Task, *, scheduler: str | None, processes: int, retries: int = 1
) -> Iterator[tuple[Job, Done]]:
    """Results as they come. ``scheduler`` is an address such as "tcp://10.0.0.5:8786"; its workers need smartmix and
    must see inputs and outputs under the same paths. Without it ``processes`` workers are started here. Only words go
    over the wire: files are read and written where the work is done. A job whose worker dies goes to another one
    ``retries`` times here, as often as the scheduler allows there; finished neighbours whose result was not fetched yet
    may be done twice, with the same result.
    """
    try:
        import distributed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise SmartmixError(
            "a Dask cluster needs dask.distributed: pip install 'smartmix[cluster]'"
        ) from None

    listening: Any = distributed.as_completed
    with _client(scheduler, processes, retries) as client:
        batch = uuid4().hex[:8]
        futures = {
            client.submit(
                _timed, task, job.words, key=f"smartmix-{batch}-{job.id}", retries=retries, pure=False
            ): job
            for job in jobs
        }
        try:
            finished = listening(list(futures))
            for future in finished:
                if future.status in ("pending", "lost"):
                    finished.add(
                        future
                    )  # its worker died before the result was fetched: it is being done again
                    continue
                if future.status == "finished":
                    done = future.result()
                    future.release()  # else it is done again when the worker that holds the result dies
                    yield futures[future], done
                    continue
                error = future.exception()
                died = isinstance(error, KilledWorker)
                text = (
                    "its worker died, as often as it was tried"
                    if died
                    else f"{type(error).__name__}: {error}"
                )
                yield futures[future], Done(DIED, text, attempts=retries + 1)
        finally:
            client.cancel(list(futures))


def _timed(task: Task, words: tuple[str, ...]) -> Done:
    began_s = time.monotonic()
    return replace(task(words), seconds=time.monotonic() - began_s)


def _client(scheduler: str | None, processes: int, retries: int) -> Any:
    """A connected client; its cluster, if it is of this machine, ends with it."""
    import dask
    import distributed

    connect: Any = distributed.Client
    if scheduler is not None:
        try:
            return connect(scheduler, timeout=_REACHED_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise SmartmixError(f"--scheduler {scheduler}: cannot be reached ({error})") from error
    # Set as a default of the whole process: the workers and the scheduler are started from it.
    dask.config.set({"distributed.scheduler.allowed-failures": retries, "distributed.worker.daemon": False})
    return connect(
        n_workers=processes,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
    )
