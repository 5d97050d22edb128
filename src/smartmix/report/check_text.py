"""Checks in the terminal: what failed first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from smartmix.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.mastering.check import Check

_ORDER = {"fail": 0, "pass": 1, "note": 2}
_STYLES = {"fail": "bold red", "pass": "green", "note": "dim"}


def print_checks(checks: Sequence[Check], console: Console) -> None:
    """Each file with its findings, those that failed first."""
    for check in checks:
        failed = sum(finding.state == "fail" for finding in check.findings)
        verdict = "passes" if not failed else f"fails on {words.count(failed, 'point')}"
        name = words.printable(str(check.inspection.path))
        console.print(Text(f"{name}: {verdict} ({check.target.title})", style="bold"), soft_wrap=True)
        for finding in sorted(check.findings, key=lambda f: _ORDER[f.state]):
            state = Text(f"  {finding.state:<5}", style=_STYLES[finding.state])
            console.print(
                Text.assemble(state, f" {finding.name}: {words.prose(finding.text)}"), soft_wrap=True
            )
