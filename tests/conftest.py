"""Shared fixtures, and the rule that a skip must be on the allow-list."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SKIPS = Path(__file__).with_name("allowed_skips.txt")


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
