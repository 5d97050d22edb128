"""Starting up is cheap: the heavy libraries load when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "scipy", "pedalboard")


@pytest.mark.parametrize(
    "code",
    [
        "import smartmix",
        "import smartmix; smartmix.Session, smartmix.mix, smartmix.analyze, smartmix.suggest, smartmix.render",
        "from typer.testing import CliRunner; from smartmix.cli.main import app;"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
    ],
)
def test_no_heavy_library_is_loaded(code: str) -> None:
    check = f"import sys; {code}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-P", "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_exists() -> None:
    import smartmix

    for name in smartmix.__all__:
        assert getattr(smartmix, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        smartmix.nonsense  # noqa: B018
