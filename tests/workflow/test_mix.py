"""The whole pass on the demo song, judged by independent meters and by the faults that were planted in it."""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import smartmix
from conftest import WrittenDemo
from smartmix.errors import OutputExistsError, SessionError
from smartmix.plan import load_plan, save_plan
from smartmix.session import Session
from smartmix.workflow import MixResult
from standards.oracles import ebur128

TARGET_LUFS = -14.0


@pytest.fixture(scope="module")
def mixed(demo_song: WrittenDemo, tmp_path_factory: pytest.TempPathFactory) -> MixResult:
    return smartmix.mix(demo_song.folder, tmp_path_factory.mktemp("out") / "a", target_lufs=TARGET_LUFS)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def plain_sum(song: Path) -> np.ndarray:
    """The tracks added in double precision, mono to both sides, by soundfile and numpy alone."""
    total: np.ndarray | None = None
    for path in sorted(song.glob("[0-9]*.wav")):
        samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
        stereo = np.broadcast_to(samples.astype(np.float64), (samples.shape[0], 2))
        total = stereo.copy() if total is None else total + stereo
    assert total is not None
    return total.astype(np.float32)


def test_master_meets_the_target_by_an_independent_meter(mixed: MixResult) -> None:
    samples, rate = soundfile.read(mixed.files["master"], dtype="float32", always_2d=True)
    loudness, peak_dbtp = ebur128(samples.T, rate)
    assert mixed.master.reached
    assert loudness == pytest.approx(TARGET_LUFS, abs=0.1)
    assert peak_dbtp <= -1.0


def test_two_runs_give_identical_bytes(demo_song: WrittenDemo, mixed: MixResult, tmp_path: Path) -> None:
    again = smartmix.mix(demo_song.folder, tmp_path / "b", target_lufs=TARGET_LUFS)
    assert {n: digest(p) for n, p in again.files.items()} == {n: digest(p) for n, p in mixed.files.items()}
    smartmix.write_report(mixed, tmp_path / "1.html")
    smartmix.write_report(again, tmp_path / "2.html")
    assert digest(tmp_path / "1.html") == digest(tmp_path / "2.html")


def test_nothing_accepted_is_exactly_the_sum_and_inputs_are_untouched(
    demo_song: WrittenDemo, tmp_path: Path
) -> None:
    before = {path.name: digest(path) for path in demo_song.folder.iterdir()}
    result = smartmix.mix(demo_song.folder, tmp_path / "none", accept="none")
    samples, _ = soundfile.read(result.files["mix"], dtype="float32", always_2d=True)
    np.testing.assert_array_equal(samples, plain_sum(demo_song.folder))
    assert {path.name: digest(path) for path in demo_song.folder.iterdir()} == before


def test_nothing_is_written_among_the_inputs(demo_song: WrittenDemo) -> None:
    before = set(demo_song.folder.iterdir())
    for inside in (demo_song.folder, demo_song.folder / "mix", demo_song.folder / "a" / "b"):
        with pytest.raises(SessionError, match="nothing is written among the inputs"):
            smartmix.mix(demo_song.folder, inside, force=True)
    assert set(demo_song.folder.iterdir()) == before


def test_outputs_are_not_replaced_without_force(demo_song: WrittenDemo, mixed: MixResult) -> None:
    with pytest.raises(OutputExistsError, match=r"plan\.toml.*--force"):
        smartmix.mix(demo_song.folder, mixed.files["mix"].parent)


def test_planted_faults_are_reported(demo_song: WrittenDemo, mixed: MixResult) -> None:
    truth = demo_song.truth
    found = {(problem.kind, mixed.session.track(problem.track).name) for problem in mixed.analysis.problems}
    for kind, track in (
        ("polarity", truth.inverted.track),
        ("hum", truth.hum.track),
        ("clipping", truth.clipped.track),
    ):
        assert (kind, track) in found
    delays = [problem for problem in mixed.analysis.problems if problem.kind == "delay"]
    assert [mixed.session.track(delays[0].track).name] == [truth.late.track]
    assert delays[0].amount == pytest.approx(truth.late.late_ms, abs=0.05)
    # The clean tracks have nothing said against them.
    faulty = {fault.track for fault in (truth.inverted, truth.late, truth.hum, truth.clipped, truth.rumble)}
    assert {name for _, name in found} <= faulty


def test_the_balance_of_the_rough_mix_is_recovered(demo_song: WrittenDemo, mixed: MixResult) -> None:
    truth = {fader.track: fader.gain_db for fader in demo_song.truth.rough}
    balance = next(m for m in mixed.plan.moves if m.grouped and m.sets[0].ref.device == "fader")
    named = {t.id: [t.name] for t in mixed.session.tracks}
    named |= {b.id: [mixed.session.track(m).name for m in b.members] for b in mixed.session.buses}
    found: dict[str, float] = {}
    for item in balance.sets:  # a group's fader moves all its members
        for name in named[item.ref.track]:
            assert isinstance(item.suggested, float)
            found[name] = found.get(name, 0.0) + item.suggested
    # A track that is not in the move stays where it is: departures under 0.5 dB are not worth a line.
    error = np.array([found.get(name, 0.0) - truth[name] for name in truth], dtype=float)
    error -= np.median(error)
    assert np.mean(np.abs(error)) <= 0.5
    assert np.max(np.abs(error)) <= 1.5


def test_the_buried_vocal_is_ridden_up_where_it_is_buried(demo_song: WrittenDemo, mixed: MixResult) -> None:
    start, end = demo_song.truth.buried.span_s
    ride = next(m for m in mixed.plan.moves if isinstance(m.sets[0].suggested, tuple))
    assert mixed.session.track(ride.track).name == demo_song.truth.buried.track
    points = ride.sets[0].suggested
    assert isinstance(points, tuple)
    times = np.arange(0.0, mixed.session.duration_s, 0.1)
    lane = np.interp(times, [p.time_s for p in points], [p.value for p in points])
    inside = (times > start + 0.5) & (times < end - 0.5)
    assert lane[inside].max() == pytest.approx(2.0, abs=0.3)
    assert np.abs(lane[~((times > start - 1.0) & (times < end + 1.0))]).max() <= 0.75
    assert ride.in_force


def test_decisions_survive_a_second_pass(demo_song: WrittenDemo, mixed: MixResult, tmp_path: Path) -> None:
    out = Path(shutil.copytree(mixed.files["plan"].parent, tmp_path / "out"))
    chosen = mixed.plan.in_force[-1].id
    save_plan(load_plan(out / "plan.toml").reject(chosen), out / "plan.toml", force=True)
    second = smartmix.mix(demo_song.folder, out, force=True)
    assert second.plan.move(chosen).status == "rejected"
    assert {o.move.id: o.verdict for o in second.outcomes}[chosen] == "rejected"


def test_an_unreadable_file_is_named_and_the_rest_is_mixed(demo_song: WrittenDemo, tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    for name in ("01 Kick In.wav", "11 Lead Vox.wav"):
        shutil.copy(demo_song.folder / name, folder / name)
    (folder / "03 Broken.wav").write_bytes(b"RIFF\x00\x00not audio")
    result = smartmix.mix(folder, tmp_path / "out")
    assert any("03 Broken.wav" in notice for notice in result.notices)
    assert len(result.session.tracks) == 2


def test_a_pass_that_fails_leaves_the_earlier_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    folder = tmp_path / "song"
    folder.mkdir()
    soundfile.write(folder / "Keys.wav", 0.1 * rng.standard_normal(48_000), 48_000, subtype="FLOAT")
    out = tmp_path / "out"
    smartmix.mix(folder, out)
    before = {path.name: digest(path) for path in out.iterdir()}
    soundfile.write(folder / "Bass.wav", 0.1 * rng.standard_normal(48_000), 48_000, subtype="FLOAT")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    # The package exports a function of the module's name, so the module is found where Python keeps it.
    monkeypatch.setattr(sys.modules["smartmix.workflow.mix"], "master_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        smartmix.mix(folder, out, force=True)
    assert {path.name: digest(path) for path in out.iterdir()} == before


def test_a_pass_never_writes_over_what_it_listens_to(
    demo_song: WrittenDemo, mixed: MixResult, tmp_path: Path
) -> None:
    """A rough, or a reference, that is what an earlier pass wrote."""
    out = tmp_path / "out"
    shutil.copytree(mixed.files["mix"].parent, out)
    before = {path.name: digest(path) for path in out.iterdir() if path.is_file()}
    session = Session.open(demo_song.folder)
    rough = Session.open(demo_song.folder, rough=out / "mix.wav")
    for heard in (
        rough,
        replace(session, references=(out / "master.wav",)),
        replace(session, match=(("mix", out / "mix.wav"),)),
    ):
        with pytest.raises(SessionError, match="is read by this pass"):
            smartmix.mix(heard, out, force=True)
        assert {path.name: digest(path) for path in out.iterdir() if path.is_file()} == before
