"""The ledger of a batch: what is done, what failed and why. A batch that was stopped goes on from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from smartmix.batch.job import Done, Job, stamp_of
from smartmix.errors import OutputExistsError, SmartmixError

NAME = "batch.sqlite"
FORMAT = "1"
_TABLES = """
create table if not exists batch (key text primary key, value text not null);
create table if not exists job (
    id text primary key, source text not null, output text not null, stamp text not null, words text not null,
    state text not null default 'waiting', code integer, message text not null default '',
    data text not null default '', seconds real not null default 0, attempts integer not null default 0,
    written text not null default ''
);
"""


class Ledger:
    """One SQLite file in the output folder; only one batch at a time has it open.

    ``resume`` goes on from a ledger that is there; without it OutputExistsError. SmartmixError when another batch is
    at work on it, or it is no ledger.
    """

    def __init__(self, folder: Path, *, resume: bool, force: bool = False) -> None:
        self.path = folder / NAME
        if self.path.exists() and not (resume or force):
            raise OutputExistsError(
                f"{self.path}: an earlier batch is there; use --resume to go on with it, or --force to do all again"
            )
        if force and not resume:
            _clear_away(self.path)
        try:
            self._db = sqlite3.connect(self.path, timeout=1.0, isolation_level=None)
            self._begin()
        except sqlite3.Error as error:
            raise SmartmixError(f"{self.path}: {_reason(error)}") from error

    def _begin(self) -> None:
        self._db.execute("pragma locking_mode = exclusive")
        self._db.execute("begin exclusive")
        for statement in filter(str.strip, _TABLES.split(";")):
            self._db.execute(statement)
        self._db.execute("insert or ignore into batch values ('format', ?)", (FORMAT,))
        self._db.execute("commit")
        (found,) = self._db.execute("select value from batch where key = 'format'").fetchone()
        if found != FORMAT:
            raise SmartmixError(f"{self.path}: format {found!r}, expected {FORMAT}: another version made it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def enter(self, jobs: Sequence[Job]) -> list[Job]:
        """Write the jobs down; those still to do: new ones, failed and unfinished ones, and those whose input,
        options or result are not as they were.
        """
        kept = {row[0]: row[1:] for row in self._rows("id, state, stamp, words, written")}
        waiting = []
        for job in jobs:
            state, stamp, words, written = kept.get(job.id, ("", "", "", ""))
            same = (stamp, words) == (job.stamp, json.dumps(job.words)) and written == stamp_of(job.output)
            if state != "done" or not same or not written:
                waiting.append(job)
        fresh = [(j.id, _told(j.source), _told(j.output), j.stamp, json.dumps(j.words)) for j in waiting]
        with closing(self._db.cursor()) as cursor:
            cursor.execute("begin")
            cursor.executemany(
                "insert into job (id, source, output, stamp, words) values (?, ?, ?, ?, ?) on conflict (id) do update "
                "set stamp = excluded.stamp, words = excluded.words, state = 'waiting'",
                fresh,
            )
            cursor.execute("commit")
        return waiting

    def written_by_us(self, job: Job) -> bool:
        """Whether what stands at the job's output is what an earlier batch wrote there, untouched since; or it was
        stopped at this very job, and had seen that nothing was there.
        """
        row = self._db.execute("select state, written from job where id = ?", (job.id,)).fetchone()
        if row is None:
            return False
        state, written = row
        return bool(state == "waiting" or (written and written == stamp_of(job.output)))

    def made_otherwise(self, job: Job) -> bool:
        """Whether a job is done, its result is there, and the options it was done with were others."""
        row = self._db.execute("select state, words, written from job where id = ?", (job.id,)).fetchone()
        if row is None or row[0] != "done" or row[1] == json.dumps(job.words):
            return False
        return bool(row[2]) and row[2] == stamp_of(job.output)

    def close_job(self, job: Job, done: Done) -> None:
        """Write down what became of a job."""
        self._db.execute(
            "update job set state = ?, code = ?, message = ?, data = ?, seconds = ?, attempts = attempts + ?, "
            "written = ? where id = ?",
            (
                "done" if done.ok else "failed",
                done.code,
                _told(done.message),
                _told(done.data),
                done.seconds,
                done.attempts,
                stamp_of(job.output) if done.ok else "",
                job.id,
            ),
        )

    def look_again(self, jobs: Sequence[Job]) -> None:
        """Take the results of these jobs as they are now: a cluster may have made one twice, the same both times."""
        for job in jobs:
            self._db.execute(
                "update job set written = ? where id = ? and state = 'done'", (stamp_of(job.output), job.id)
            )

    def outcome(self, job: Job) -> Done:
        """What became of a job in this batch or an earlier one."""
        row = self._db.execute(
            "select code, message, data, seconds, attempts from job where id = ?", (job.id,)
        ).fetchone()
        code, *rest = row
        return Done(-1 if code is None else code, *rest)

    def _rows(self, columns: str) -> list[tuple[str, ...]]:
        return self._db.execute(f"select {columns} from job").fetchall()


def _told(text: object) -> str:
    """A text as SQLite takes it: bytes of a name that are no UTF-8 as escapes."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def _clear_away(path: Path) -> None:
    """Keep an earlier ledger beside the new one, under a name of its own."""
    if path.exists():
        path.replace(path.with_suffix(".sqlite.bak"))


def _reason(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text:
        return "another batch is at work in this folder"
    if "not a database" in text or "malformed" in text:
        return "is not the ledger of a batch, or is damaged; use --force to begin anew (it is kept as .bak)"
    return f"cannot be used ({text})"
