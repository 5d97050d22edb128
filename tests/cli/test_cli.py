"""The command line: every command on a tiny song, exit codes, one-line errors, JSON any parser takes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from cli.conftest import Run
from smartmix.cli import output, target
from smartmix.cli.main import app
from smartmix.errors import SmartmixError
from smartmix.synth.demo import DemoSong

OUTPUTS = {"mix.wav", "master.wav", "plan.toml", "analysis.json", "report.html"}


def strict_json(text: str) -> dict[str, object]:
    """Parse as a strict parser would: NaN and Infinity are no JSON."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    data = json.loads(text, parse_constant=refuse)
    assert isinstance(data, dict)
    assert data["format"] == 1
    return data


def one_line_error(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


def fingerprint(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


class TestMix:
    def test_writes_the_outputs_and_shows_the_table_and_the_files(self, mixed: tuple[Path, Result]) -> None:
        out, result = mixed
        assert result.exit_code == 0, result.output
        assert {p.name for p in out.iterdir()} == OUTPUTS
        assert re.search(r"^ +sum +rough +mix +master +unit$", result.stdout, re.M)
        assert "Where to look:" in result.stdout
        assert str(out / "report.html") in result.stdout
        assert "\x1b" not in result.stdout

    def test_the_page_names_the_tracks_and_cannot_call_home(self, mixed: tuple[Path, Result]) -> None:
        page = (mixed[0] / "report.html").read_text(encoding="utf-8")
        assert "Lead Vox" in page
        assert "default-src &#x27;none&#x27;" in page
        assert not re.search(r"https?://", page)

    def test_the_master_is_what_the_report_says(self, mixed: tuple[Path, Result], run: Run) -> None:
        out, result = mixed
        said = re.search(r"Master: (\S+) LUFS, (\S+) dBTP", result.stdout)
        assert said
        measured = strict_json(run("meter", "--json", out / "master.wav").stdout)["files"]
        assert isinstance(measured, list)
        loudness, peak = (float(figure.replace("\u2212", "-")) for figure in said.groups())
        assert measured[0]["integrated_lufs"] == pytest.approx(loudness, abs=0.11)
        assert measured[0]["true_peak_dbtp"] == pytest.approx(peak, abs=0.11)

    def test_an_earlier_pass_is_not_replaced_without_force(
        self, song: Path, mixed: tuple[Path, Result], run: Run
    ) -> None:
        before = fingerprint(mixed[0])
        one_line_error(run("mix", song, "-o", mixed[0]), "mix.wav", "--force")
        assert fingerprint(mixed[0]) == before

    def test_force_keeps_decisions_and_json_says_so(
        self, song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
    ) -> None:
        out = tmp_path / "again"
        shutil.copytree(mixed[0], out)
        plan = strict_json(run("plan", "show", out / "plan.toml", "--json").stdout)
        moves = plan["moves"]
        assert isinstance(moves, list)
        assert moves, "the tiny song asks for a balance at least"
        key = moves[0]["id"]
        assert run("plan", "reject", out / "plan.toml", key).exit_code == 0
        result = run("mix", song, "-o", out, "--force", "--json", "--client")
        assert result.exit_code == 0, result.output
        data = strict_json(result.stdout)
        verdicts = {move["id"]: move["verdict"] for move in data["moves"]}
        assert verdicts[key] == "rejected"
        assert set(data["programmes"]) == {"sum", "rough", "mix", "master"}
        assert (out / "client.html").is_file()

    def test_inputs_are_untouched_and_the_same_pass_gives_the_same_bytes(
        self, song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
    ) -> None:
        before = fingerprint(song)
        result = run("mix", song, "-o", tmp_path / "pass")
        assert result.exit_code == 0
        assert fingerprint(song) == before
        assert fingerprint(tmp_path / "pass") == fingerprint(mixed[0])

    def test_none_accepted_is_the_plain_sum(self, song: Path, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "out"
        result = run("mix", song, "-o", out, "--accept", "none", "--target", "-20")
        assert result.exit_code == 0, result.output
        assert "No move is in the mix: it is the plain sum" in result.stdout
        mix, _ = soundfile.read(out / "mix.wav", dtype="float32")
        tracks = [soundfile.read(song / f"{n}.wav")[0] for n in ("Kick", "Bass DI", "Keys", "Lead Vox")]
        np.testing.assert_array_equal(mix[:, 0], np.sum(tracks, axis=0).astype(np.float32))

    def test_dry_run_writes_nothing(self, song: Path, run: Run, tmp_path: Path) -> None:
        result = run("mix", song, "-o", tmp_path / "out", "--dry-run")
        assert result.exit_code == 0, result.output
        assert "in force" in result.stdout
        assert "nothing was written" in result.stderr
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("place", [".", "out", "deep/er"])
    def test_nothing_is_written_among_the_inputs(self, song: Path, run: Run, place: str) -> None:
        before = fingerprint(song)
        one_line_error(run("mix", song, "-o", song / place), "nothing is written among the inputs")
        assert fingerprint(song) == before

    def test_a_target_out_of_reach_is_said_and_the_rest_is_done(
        self, song: Path, run: Run, tmp_path: Path
    ) -> None:
        result = run("mix", song, "-o", tmp_path / "out", "--target", "-1", "--ceiling", "-6")
        assert result.exit_code == 0, result.output
        assert "not reached" in result.stdout
        assert (tmp_path / "out" / "report.html").is_file()

    def test_quiet_prints_nothing(self, song: Path, run: Run, tmp_path: Path) -> None:
        result = run("mix", song, "-o", tmp_path / "out", "--quiet")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


class TestPlan:
    @pytest.fixture
    def plan(self, mixed: tuple[Path, Result], tmp_path: Path) -> Path:
        return Path(shutil.copy(mixed[0] / "plan.toml", tmp_path / "plan.toml"))

    def moves(self, run: Run, plan: Path) -> dict[str, dict[str, object]]:
        listed = strict_json(run("plan", "show", plan, "--json").stdout)["moves"]
        assert isinstance(listed, list)
        return {move["id"]: move for move in listed}

    def test_reject_accept_undo_come_back_to_the_start(self, run: Run, plan: Path) -> None:
        start = self.moves(run, plan)
        key = next(key for key, move in start.items() if move["status"] == "accepted")
        assert "accepted → rejected" in run("plan", "reject", plan, key).stdout
        assert self.moves(run, plan)[key]["status"] == "rejected"
        assert "rejected → accepted" in run("plan", "undo", plan).stdout
        assert self.moves(run, plan) == start

    def test_edit_takes_a_negative_value(self, run: Run, plan: Path) -> None:
        moves = self.moves(run, plan)
        key, index = next(
            (key, index)
            for key, move in moves.items()
            for index, item in enumerate(move["sets"])  # type: ignore[arg-type]
            if item["unit"] == "dB" and isinstance(item["suggested"], float)
        )
        result = run("plan", "edit", plan, key, index, "-0.75")
        assert result.exit_code == 0, result.output
        edited = self.moves(run, plan)[key]
        assert edited["status"] == "edited"
        assert edited["sets"][index]["chosen"] == -0.75  # type: ignore[index]
        assert "(suggested" in run("plan", "show", plan).stdout

    def test_every_kind_of_own_move_can_be_added(
        self, song: Path, run: Run, plan: Path, tmp_path: Path
    ) -> None:
        track = next(iter(strict_json(run("plan", "show", plan, "--json").stdout)["input_hashes"]))
        asked: list[tuple[str, ...]] = [
            ("--compressor", "-24", "3"),
            ("--de-esser", "6500", "4"),
            ("--send", "reverb", "-12"),
            ("--polarity", "inverted"),
            ("--shift", "-1.5"),
        ]
        for words in asked:
            added = run("plan", "add", plan, track, *words)
            assert added.exit_code == 0, added.output
        assert run("plan", "add", plan, "return-reverb", "--fader", "-2").exit_code == 0
        for words in (
            ("--send", "hall", "-12"),
            ("--polarity", "upside_down"),
            ("--compressor", "-24", "30"),
        ):
            assert run("plan", "add", plan, track, *words).exit_code == 2
        cached, anew = (
            run("render", song, "--plan", plan, "-o", tmp_path / f"{name}.wav", *words)
            for name, words in (("cached", ()), ("anew", ("--no-cache",)))
        )
        assert (cached.exit_code, anew.exit_code) == (0, 0), cached.output
        assert (tmp_path / "cached.wav").read_bytes() == (tmp_path / "anew.wav").read_bytes()

    def test_add_is_heard_in_the_render(self, song: Path, run: Run, plan: Path, tmp_path: Path) -> None:
        track = next(iter(strict_json(run("plan", "show", plan, "--json").stdout)["input_hashes"]))
        added = run("plan", "add", plan, track, "--fader", "-6", "--json")
        assert added.exit_code == 0, added.output
        key = re.search(r"\bm[0-9a-f]{8}\b", added.stdout)
        assert key
        for scale, name in ((0, "off.wav"), (1, "on.wav")):
            done = run(
                "render", song, "--plan", plan, "-o", tmp_path / name, "--solo-move", key[0], "--scale", scale
            )
            assert done.exit_code == 0, done.output
        off, on = (soundfile.read(tmp_path / name)[0][:, 0] for name in ("off.wav", "on.wav"))
        source = soundfile.read(song / source_of(song, track))[0]
        np.testing.assert_allclose(off - on, source * (1 - 10 ** (-6 / 20)), atol=1e-6)

    def test_diff_names_what_changed(self, run: Run, plan: Path, tmp_path: Path) -> None:
        later = Path(shutil.copy(plan, tmp_path / "later.toml"))
        key = next(iter(self.moves(run, plan)))
        assert run("plan", "diff", plan, later).stdout == "no difference\n"
        run("plan", "reject", later, key)
        assert re.search(rf"^~ {key} .*→ rejected$", run("plan", "diff", plan, later).stdout, re.M)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("accept", "m00000000"), "no move 'm00000000'"),
            (("edit", "m00000000", "0", "1"), "no move 'm00000000'"),
            (("add", "kick"), "got 0 settings"),
            (("add", "kick", "--fader", "1", "--pan", "0"), "got 2 settings"),
            (("add", "nobody", "--fader", "1"), "no track 'nobody'"),
            (("add", "kick", "--fader", "1", "--span", "late"), "expected two times"),
            (("add", "kick", "--fader", "1", "--span", "2:00-1:00"), "the end must come after"),
            (("add", "kick", "--fader", "99"), "99"),
        ],
    )
    def test_a_mistake_is_one_line_and_changes_nothing(
        self, run: Run, plan: Path, words: tuple[str, ...], message: str
    ) -> None:
        before = plan.read_bytes()
        command, *rest = words
        one_line_error(run("plan", command, plan, *rest), message)
        assert plan.read_bytes() == before


def source_of(song: Path, track: str) -> str:
    return next(p.name for p in song.iterdir() if p.stem.lower().replace(" ", "-") == track)


class TestOthers:
    def test_demo_makes_a_song(self, run: Run, instant_demo: DemoSong, tmp_path: Path) -> None:
        made = run("demo", tmp_path / "song", "--json")
        assert made.exit_code == 0, made.output
        files = strict_json(made.stdout)["files"]
        assert isinstance(files, list)
        assert {Path(f).stem for f in files if f.endswith(".wav")} > set(instant_demo.tracks)
        one_line_error(run("demo", tmp_path / "song"), "--force")

    def test_analyze_writes_facts_outside_the_session(self, song: Path, run: Run, tmp_path: Path) -> None:
        result = run("analyze", song, "-o", tmp_path / "facts", "--json")
        assert result.exit_code == 0, result.output
        facts = strict_json(result.stdout)["facts"]
        assert isinstance(facts, dict)
        assert {"sum", "rough"} <= set(facts)
        assert strict_json((tmp_path / "facts" / "analysis.json").read_text())["format"] == 1
        one_line_error(run("analyze", song, "-o", song), "nothing is written among the inputs")
        one_line_error(run("analyze", song, "-o", tmp_path / "facts"), "analysis.json", "--force")

    def test_analyze_prints_a_row_per_track(self, song: Path, run: Run) -> None:
        lines = run("analyze", song).stdout.splitlines()
        for name in ("Kick", "Bass DI", "Keys", "Lead Vox", "sum", "rough"):
            assert any(line.startswith(name) for line in lines)

    def test_suggest_writes_a_plan_nobody_has_accepted(self, song: Path, run: Run, tmp_path: Path) -> None:
        result = run("suggest", song, "-o", tmp_path / "plan.toml", "--json")
        assert result.exit_code == 0, result.output
        moves = strict_json(result.stdout)["moves"]
        assert isinstance(moves, list)
        assert moves
        assert {move["status"] for move in moves} == {"proposed"}
        assert strict_json(run("plan", "show", tmp_path / "plan.toml", "--json").stdout)["moves"] == moves
        one_line_error(run("suggest", song, "-o", tmp_path / "plan.toml"), "plan.toml")

    def test_render_refuses_the_session_folder_and_an_existing_file(
        self, song: Path, mixed: tuple[Path, Result], run: Run
    ) -> None:
        plan = mixed[0] / "plan.toml"
        one_line_error(
            run("render", song, "--plan", plan, "-o", song / "x.wav"), "nothing is written among the inputs"
        )
        one_line_error(run("render", song, "--plan", plan, "-o", mixed[0] / "mix.wav"), "--force")

    def test_render_of_the_plan_is_the_mix(
        self, song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
    ) -> None:
        result = run("render", song, "--plan", mixed[0] / "plan.toml", "-o", tmp_path / "x.wav")
        assert result.exit_code == 0, result.output
        assert (tmp_path / "x.wav").read_bytes() == (mixed[0] / "mix.wav").read_bytes()

    def test_meter_does_the_good_files_and_says_3(self, song: Path, run: Run, tmp_path: Path) -> None:
        (tmp_path / "bad.wav").write_bytes(b"RIFF no sound")
        result = run("meter", song / "Kick.wav", tmp_path / "bad.wav", song / "Keys.wav", "--json")
        assert result.exit_code == output.SOME_FAILED
        data = strict_json(result.stdout)
        assert [Path(f["file"]).name for f in data["files"]] == ["Kick.wav", "Keys.wav"]
        assert [Path(f["file"]).name for f in data["failed"]] == ["bad.wav"]
        assert len(result.stderr.splitlines()) == 1

    def test_meter_of_an_album_puts_one_gate_over_all_files(self, song: Path, run: Run) -> None:
        files = [song / "Kick.wav", song / "Keys.wav"]
        plain = strict_json(run("meter", *files, "--json").stdout)
        data = strict_json(run("meter", *files, "--album", "--json").stdout)
        assert "album" not in plain
        assert data["files"] == plain["files"]
        own = [one["integrated_lufs"] for one in data["files"]]
        assert min(own) < data["album"]["integrated_lufs"] < max(own)
        assert data["album"]["true_peak_dbtp"] == max(one["true_peak_dbtp"] for one in data["files"])
        shown = run("meter", *files, "--album").stdout
        assert "together" in shown and "PSR" in shown

    def test_meter_of_nothing_but_bad_files_is_2(self, run: Run, tmp_path: Path) -> None:
        one_line_error(run("meter", tmp_path / "nope.wav"), "nope.wav", "no such file")

    def test_meter_of_silence_is_null_and_silent(self, run: Run, tmp_path: Path) -> None:
        file = tmp_path / "silence.wav"
        soundfile.write(file, np.zeros(48000), 48000)
        data = strict_json(run("meter", file, "--json").stdout)
        assert data["files"][0]["integrated_lufs"] is None  # type: ignore[index]
        assert "silent" in run("meter", file).stdout

    def test_master_meets_a_named_target(self, song: Path, run: Run, tmp_path: Path) -> None:
        source = song / "Tiny Song rough.wav"
        out = tmp_path / "master.wav"
        result = run("master", source, "-o", out, "--target", "broadcast-r128", "--bits", "16", "--json")
        assert result.exit_code == 0, result.output
        master = strict_json(result.stdout)["master"]
        assert isinstance(master, dict)
        assert master["reached"] is True
        assert master["target_lufs"] == -23.0
        assert soundfile.info(out).subtype == "PCM_16"

    def test_master_never_writes_over_its_input(self, song: Path, run: Run, tmp_path: Path) -> None:
        file = Path(shutil.copy(song / "Kick.wav", tmp_path / "kick.wav"))
        before = file.read_bytes()
        one_line_error(run("master", file, "-o", file, "--force"), "is the input")
        assert file.read_bytes() == before

    def test_doctor_finds_this_installation_whole(self, run: Run) -> None:
        result = run("doctor", "--json")
        assert result.exit_code == 0, result.output
        facts = strict_json(result.stdout)
        assert "parametric_eq" in facts["natives"]["processors"]  # type: ignore[index,operator]
        assert facts["missing"] == []

    def test_doctor_fails_when_something_is_missing(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("smartmix.cli.doctor.LIBRARIES", ("numpy", "no-such-library"))
        result = run("doctor")
        assert result.exit_code == 1
        assert "missing: no-such-library" in result.stdout

    def test_version(self, run: Run) -> None:
        assert run("--version").stdout.startswith("smartmix ")


class TestErrors:
    @pytest.mark.parametrize(
        "words",
        [("mix", "nowhere", "-o", "out"), ("analyze", "nowhere"), ("plan", "show", "nowhere.toml"),
         ("suggest", "nowhere"), ("render", "nowhere", "--plan", "p.toml", "-o", "x.wav")],
    )  # fmt: skip
    def test_what_is_not_there_is_one_line(
        self, run: Run, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        one_line_error(run(*words), "nowhere")
        assert list(tmp_path.iterdir()) == []

    def test_a_broken_plan_names_the_file(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "plan.toml").write_text("format = 1\nsession = 'x'\nseed = 0\nnonsense = true\n")
        one_line_error(run("plan", "show", tmp_path / "plan.toml"), "plan.toml", "nonsense")

    def test_control_characters_of_a_file_name_are_not_sent_to_the_terminal(self, run: Run) -> None:
        result = run("meter", "a\x1b[2J\nb.wav")
        assert result.exit_code == 2
        assert "\x1b" not in result.stderr
        assert len(result.stderr.splitlines()) == 1

    def test_an_unwritable_place_is_one_line(self, song: Path, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        one_line_error(run("mix", song, "-o", tmp_path / "file" / "out"), "file")

    def test_ctrl_c_is_130_and_one_line(self, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_args: object, **_options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("smartmix.analysis.loudness.ProgrammeMeter.push", interrupted)
        result = CliRunner().invoke(app, ["meter", str(song / "Kick.wav")])
        assert result.exit_code == 130
        assert result.stderr.splitlines() == ["interrupted; nothing was left half-written"]

    def test_a_signal_in_the_middle_leaves_nothing_half_written(self, tmp_path: Path) -> None:
        """A real interrupt of a real process, while it masters five minutes of noise."""
        rng = np.random.default_rng(1)
        noise = (0.1 * rng.standard_normal((48000 * 60, 2))).astype(np.float32)
        with soundfile.SoundFile(tmp_path / "in.wav", "w", 48000, 2, "FLOAT") as file:
            for _ in range(5):
                file.write(noise)
        out = tmp_path / "out"
        out.mkdir()
        command = [
            sys.executable,
            "-P",
            "-m",
            "smartmix.cli.main",
            "master",
            tmp_path / "in.wav",
            "-o",
            out / "m.wav",
        ]
        # A run in the background of a shell ignores interrupts, and a child inherits that.
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
        finally:
            signal.signal(signal.SIGINT, handler)
        until = time.monotonic() + 60.0
        while not list(out.iterdir()) and time.monotonic() < until:  # the hidden file of a master begun
            time.sleep(0.005)
        time.sleep(0.2)  # well inside the work, of which there are seconds
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130, said
        assert said.splitlines() == ["interrupted; nothing was left half-written"]
        assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "ceiling", "expected"),
    [
        (None, None, (None, -1.0)),
        ("-16", None, (-16.0, -1.0)),
        ("\u221216 LUFS", -2.0, (-16.0, -2.0)),
        ("broadcast-r128", -3.0, (-23.0, -3.0)),
    ],
)
def test_goal(text: str | None, ceiling: float | None, expected: tuple[float | None, float]) -> None:
    wanted = target.goal(text, ceiling)
    assert (wanted.target_lufs, wanted.ceiling_dbtp) == expected


@pytest.mark.parametrize("text", ["3", "-99", "nan", "inf", "loud"])
def test_goal_that_makes_no_sense(text: str) -> None:
    with pytest.raises(SmartmixError, match=r"expected -60 to 0 LUFS|no target"):
        target.goal(text, None)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from smartmix.cli.main import app;"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0;"
        "print([m for m in ('torch', 'scipy', 'pedalboard', 'numpy', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
