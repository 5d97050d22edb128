"""Batches: every input once, whatever becomes of the others; a process that dies costs one try; nothing done twice."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import batch_tasks
from smartmix.batch import BatchResult, Job, jobs_for, run_batch
from smartmix.batch.gather import Command
from smartmix.errors import OutputExistsError, SmartmixError

COPY = Command("copy", "file", ".wav")


def inputs_of(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    return [folder / name for name in names]


def run(folder: Path, inputs: list[Path], **options: object) -> BatchResult:
    jobs = jobs_for(COPY, inputs, folder)
    return run_batch(jobs, batch_tasks.work, folder, **({"processes": 2} | options))  # type: ignore[arg-type]


def forty(folder: Path) -> list[Path]:
    return inputs_of(folder, *(f"{n:02}.wav" for n in range(38)), "38 kill.wav", "39 bad.wav")


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_forty_files_one_bad_and_a_worker_that_dies(tmp_path: Path, engine: str) -> None:
    out = tmp_path / "out"
    inputs = forty(tmp_path / "in")
    result = run(out, inputs, engine=engine)
    assert [done.ok for _, done in result.outcomes] == [True] * 39 + [False], result.failed
    assert result.failed[0][1].message.endswith("39 bad.wav: cannot be read")
    assert (result.worst_code, result.ran) == (3, 40)
    for source in inputs[:39]:
        assert (out / source.name).read_text() == source.name
    begun = batch_tasks.times_done(out)
    assert begun["38 kill.wav"] == 2
    if engine == "local":
        assert sum(begun.values()) == 41, "only the file whose process died is begun again"
        assert result.outcomes[38][1].attempts == 2
        assert not list(out.glob(".smartmix-*")), "what the process left half done is gone"

    again = run(out, inputs, engine=engine, resume=True)
    assert again.ran == 1, "only the bad one is tried again"
    assert [done.ok for _, done in again.outcomes] == [True] * 39 + [False]
    now = batch_tasks.times_done(out)
    assert {name: now[name] - begun[name] for name in now if now[name] != begun[name]} == {"39 bad.wav": 1}


def test_a_file_that_always_kills_costs_only_itself(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path / "in", "a.wav", "deadly.wav", "b.wav")
    result = run(tmp_path / "out", inputs, retries=2)
    assert [done.ok for _, done in result.outcomes] == [True, False, True]
    lost = result.failed[0][1]
    assert (lost.attempts, lost.message) == (3, "its process died (SIGKILL, signal 9)")
    assert batch_tasks.times_done(tmp_path / "out")["deadly.wav"] == 3
    assert not list((tmp_path / "out").glob(".smartmix-*"))


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    inputs = inputs_of(tmp_path / "in", "slow.wav", "a.wav", "b.wav")
    result = run(tmp_path / "out", inputs, retries=0, timeout_s=1.5)
    assert [done.ok for _, done in result.outcomes] == [False, True, True]
    assert result.failed[0][1].message == "not done after 1.5 s"


def test_what_has_changed_is_done_again_and_only_that(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav", "b.wav", "c.wav")
    run(out, inputs)
    inputs[1].write_text("another recording")
    (out / "c.wav").unlink()
    assert run(out, inputs, resume=True).ran == 2
    assert (out / "b.wav").read_text() == "another recording"
    assert (out / "c.wav").exists()
    assert run(out, inputs, resume=True).ran == 0


def test_a_result_a_person_has_changed_is_not_replaced(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav")
    run(out, inputs)
    (out / "a.wav").write_text("edited by hand")
    with pytest.raises(OutputExistsError, match="already there"):
        run(out, inputs, resume=True)
    assert (out / "a.wav").read_text() == "edited by hand"


def test_two_folders_with_files_of_one_name_get_a_folder_each(tmp_path: Path) -> None:
    for name in ("d1", "d2"):
        inputs_of(tmp_path / name, "a.wav", "b.wav")
    result = run(tmp_path / "out", [tmp_path / "d1", tmp_path / "d2"])
    assert not result.failed
    made = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.wav"))
    assert made == ["d1/a.wav", "d1/b.wav", "d2/a.wav", "d2/b.wav"]
    with pytest.raises(SmartmixError, match="name their folders instead"):
        run(tmp_path / "more", [tmp_path / "d1" / "a.wav", tmp_path / "d2" / "a.wav"])


def test_what_is_done_with_other_options_is_not_written_over(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav", "b.wav")
    run(out, inputs)
    jobs = [replace(job, words=(*job.words, "--louder")) for job in jobs_for(COPY, inputs, out)]
    before = (out / "a.wav").read_bytes()
    with pytest.raises(OutputExistsError, match=r"a\.wav: is done with other options \(and 1 more\)"):
        run_batch(jobs, batch_tasks.work, out, resume=True)
    assert (out / "a.wav").read_bytes() == before
    assert run_batch(jobs, batch_tasks.work, out, resume=True, force=True).ran == 2


def test_files_that_were_there_are_not_replaced(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav", "b.wav")
    inputs_of(out, "b.wav")
    with pytest.raises(OutputExistsError, match=r"b\.wav: is already there; use --force"):
        run(out, inputs)
    assert not (out / "a.wav").exists(), "nothing was begun"
    assert run(out, inputs, force=True).ran == 2


def test_an_earlier_batch_is_not_forgotten(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav")
    run(out, inputs)
    with pytest.raises(OutputExistsError, match="--resume to go on"):
        run(out, inputs)
    run(out, inputs, force=True)
    assert (out / "batch.sqlite.bak").exists()


def test_a_damaged_ledger_and_one_in_use(tmp_path: Path) -> None:
    out, inputs = tmp_path / "out", inputs_of(tmp_path / "in", "a.wav")
    out.mkdir()
    (out / "batch.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(SmartmixError, match="not the ledger of a batch"):
        run(out, inputs, resume=True)
    run(out, inputs, force=True)
    other = sqlite3.connect(out / "batch.sqlite", isolation_level=None)
    other.execute("begin exclusive")
    with pytest.raises(SmartmixError, match="another batch is at work"):
        run(out, inputs, resume=True)
    other.close()


def test_a_batch_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """The process in charge is killed: what is done stays done, the rest is done by --resume."""
    inputs = inputs_of(tmp_path / "in", *(f"{n}.wav" for n in range(4)), "9 slow.wav")
    out = tmp_path / "out"
    code = (
        "import sys; from pathlib import Path; import batch_tasks\n"
        "from smartmix.batch import jobs_for, run_batch\nfrom smartmix.batch.gather import Command\n"
        "if __name__ == '__main__':\n"
        "    out, *inputs = map(Path, sys.argv[1:])\n"
        "    run_batch(jobs_for(Command('copy', 'file', '.wav'), inputs, out), batch_tasks.work, out, processes=2)\n"
    )
    script = tmp_path / "stopped.py"
    script.write_text(code)
    path = os.pathsep.join([str(Path(batch_tasks.__file__).parent), *filter(None, sys.path)])
    process = subprocess.Popen(
        [sys.executable, str(script), str(out), *map(str, inputs)], env=os.environ | {"PYTHONPATH": path}
    )
    try:
        deadline = time.monotonic() + 30.0
        while not (out / "log.txt").exists() or len(batch_tasks.times_done(out)) < 5:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        process.kill()
        process.wait()
    inputs[4] = inputs[4].rename(inputs[4].with_name("9.wav"))
    result = run(out, inputs, resume=True)
    assert all(done.ok for _, done in result.outcomes)
    assert result.ran <= 2, "the four that were done are not done again (one may have been under way)"


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_wrong_option_for_the_engine(tmp_path: Path, engine: str) -> None:
    inputs = inputs_of(tmp_path / "in", "a.wav")
    wrong = {"scheduler": "tcp://127.0.0.1:1"} if engine == "local" else {"timeout_s": 5.0}
    with pytest.raises(SmartmixError, match="is for --engine"):
        run(tmp_path / "out", inputs, engine=engine, **wrong)


def test_a_cluster_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartmix.batch.cluster._REACHED_S", 0.5)
    inputs = inputs_of(tmp_path / "in", "a.wav")
    with pytest.raises(SmartmixError, match="cannot be reached"):
        run(tmp_path / "out", inputs, engine="dask", scheduler="tcp://127.0.0.1:9")


def test_folders_keep_their_order_and_two_of_a_name_do_not_meet(tmp_path: Path) -> None:
    album = tmp_path / "in"
    inputs_of(album / "cd1", "01.wav", "01.flac", "cover.jpg", ".hidden.wav")
    inputs_of(album / "cd2", "01.wav")
    jobs = jobs_for(COPY, [album], tmp_path / "out")
    names = [job.output.relative_to(tmp_path / "out").as_posix() for job in jobs]
    assert names == ["cd1/01 (flac).wav", "cd1/01 (wav).wav", "cd2/01.wav"]


def test_what_cannot_be_a_batch_is_said(tmp_path: Path) -> None:
    (a,) = inputs_of(tmp_path / "in", "a.wav")
    cases: list[tuple[list[Path], Path, str]] = [
        ([], tmp_path / "out", "nothing to do: expected sound files"),
        ([tmp_path / "none.wav"], tmp_path / "out", "no such file"),
        ([a, a], tmp_path / "out", "named twice"),
        ([a], tmp_path / "in" / "out", "among the inputs"),
    ]
    for inputs, out, message in cases:
        with pytest.raises(SmartmixError, match=message):
            jobs_for(COPY, inputs, out)


def test_ids_hold_still() -> None:
    """The ledger of an older version must find its jobs again."""
    job = Job(Path("/music/a.wav"), Path("/out/a.wav"), ("master",))
    assert job.id == "2e7a4c9ec5f39e80"


@pytest.mark.skipif(os.name != "posix", reason="asks whether a process is there")
def test_what_a_killed_batch_left_half_written_goes_with_the_next(tmp_path: Path) -> None:
    """Those of processes that are gone; a file that one at work is writing stays."""
    from smartmix.batch.pool import remove_stale

    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    left = [tmp_path / f".smartmix-{pid}-3.part" for pid in (int(gone.stdout), os.getpid(), "notes")]
    for path in left:
        path.write_bytes(b"half")
    remove_stale([Job(tmp_path / "a.wav", tmp_path / "a.out", ())])
    assert [path.exists() for path in left] == [False, True, True]
