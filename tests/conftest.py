"""Shared fixtures, and the rule that a skip must be on the allow-list."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from smartmix.synth import demo as demo_module
from smartmix.synth.demo import DemoSong, DemoTruth, render_demo, write_demo
from smartmix.synth.recording import SNARE, TRACKS

# No test asserts a time, and a busy machine is no fault: examples have no deadline.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SKIPS = Path(__file__).with_name("allowed_skips.txt")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test touches the user's cache of tracks, or their habits."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMARTMIX_CACHE", str(folder))
        patch.setenv("SMARTMIX_CONFIG", str(tmp_path_factory.mktemp("config")))
        yield folder


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def dev_songs() -> Path:
    """Folder of real multitracks: $SMARTMIX_DEV_SONGS, else ../shared/data/dev beside the checkout."""
    folder = Path(os.environ.get("SMARTMIX_DEV_SONGS", ROOT.parent / "shared" / "data" / "dev"))
    if not folder.is_dir():
        pytest.skip("dev songs: no folder of real recordings beside the checkout")
    return folder


@dataclass(frozen=True)
class WrittenDemo:
    """The demo song on disk; read only, every test shares it."""

    folder: Path
    truth: DemoTruth
    progress: list[float]


@pytest.fixture(scope="session")
def demo() -> DemoSong:
    """The demo song in memory; read only, every test shares it."""
    return render_demo()


@pytest.fixture(scope="session")
def demo_song(tmp_path_factory: pytest.TempPathFactory) -> WrittenDemo:
    """The demo song as ``smartmix demo`` writes it, rendered apart from ``demo``."""
    folder = tmp_path_factory.mktemp("demo") / "song"
    progress: list[float] = []
    truth = write_demo(folder, progress=lambda _, done: progress.append(done))
    return WrittenDemo(folder, truth, progress)


@pytest.fixture
def instant_demo(demo: DemoSong, monkeypatch: pytest.MonkeyPatch) -> DemoSong:
    """Writing the demo plays back ``demo`` instead of rendering it again."""
    flat = demo.truth.clipped.flat_frames
    takes = [(setup, demo.tracks[setup.name], flat if setup.name == SNARE else 0) for setup in TRACKS]
    monkeypatch.setattr(demo_module, "_recorded", lambda *_: iter(takes))
    return demo


def allowed_reasons() -> list[str]:
    lines = ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return str(longrepr[2]).removeprefix("Skipped: ") if isinstance(longrepr, tuple) else str(longrepr)


def unexpected_skips(reports: list[pytest.TestReport]) -> list[str]:
    allowed = allowed_reasons()
    return [
        f"{report.nodeid}: {skip_reason(report)}"
        for report in reports
        if not any(skip_reason(report).startswith(reason) for reason in allowed)
    ]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    found = unexpected_skips(reporter.stats.get("skipped", []))
    if found:
        reporter.write_line("")
        reporter.write_line("skips without an entry in tests/allowed_skips.txt:", red=True)
        for line in found:
            reporter.write_line(f"  {line}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
