"""The front door is true: README's Python runs, its commands exist, the files it points at are there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import smartmix
from conftest import WrittenDemo
from smartmix.cli.main import app
from smartmix.workflow.note import take_notes


@pytest.fixture(scope="module")
def readme(repo_root: Path) -> str:
    return (repo_root / "README.md").read_text(encoding="utf-8")


def test_python_blocks_run(readme: str, demo_song: WrittenDemo, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert len(blocks) == 3
    script = tmp_path / "readme.py"
    code = "\n".join(blocks)
    assert 'write_demo("song")' in code  # tested where the shared song is made
    (tmp_path / "song").symlink_to(demo_song.folder)
    script.write_text(code.replace('write_demo("song")', ""), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000
    assert "ride" in done.stdout


def test_python_suggests_what_the_command_does(demo_song: WrittenDemo) -> None:
    """The example of the README and ``smartmix suggest --no-habits``: the same moves, figures and words."""
    session = smartmix.Session.open(demo_song.folder)
    analysis = smartmix.analyze(session)
    plan = smartmix.suggest(session, analysis)
    done = CliRunner().invoke(app, ["suggest", str(demo_song.folder), "--no-habits", "--json", "--quiet"])
    told = {move["id"]: (move["confidence"], move["reason"]) for move in json.loads(done.stdout)["moves"]}
    assert told == {move.id: (move.confidence, move.reason) for move in plan.moves}
    noted = take_notes(session, None, ["keys up 1 dB"])  # a plan made by a note has everything else as well
    assert told.items() <= {move.id: (move.confidence, move.reason) for move in noted.moves}.items()
    fitted = smartmix.suggest(session, analysis, models=False)
    assert not any("sample by sample" in move.reason for move in fitted.moves)


def test_commands_and_options_exist(readme: str) -> None:
    runner = CliRunner()
    blocks = "\n".join(re.findall(r"```\n(.*?)```", readme, flags=re.DOTALL))
    lines = re.findall(r"^smartmix (.+?)(?:\s+#.*)?$", blocks, flags=re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        words = line.split()
        command = words[:2] if words[0] in ("plan", "plugins") else words[:1]
        help_text = runner.invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
        assert help_text.exit_code == 0, line
        for option in (word for word in words if re.fullmatch(r"--[a-z-]+", word)):
            assert option in help_text.output, line


def test_links_lead_somewhere(readme: str, repo_root: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", readme):
        assert (repo_root / target).exists(), target
