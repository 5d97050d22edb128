"""Packages that import what they offer when it is first used."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from smartmix.lazy import lazily


@pytest.mark.parametrize("package", ["smartmix.analysis", "smartmix.plan"])
def test_everything_promised_is_there(package: str) -> None:
    module = import_module(package)
    for name in module.__all__:
        assert not isinstance(getattr(module, name), type(sys)), f"{package}.{name} is a module"
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


def test_a_master_costs_no_session_and_no_plan() -> None:
    code = (
        "import sys, smartmix.mastering\n"
        "heavy = {'pydantic', 'tomlkit', 'scipy', 'torch', 'pedalboard', 'rich', 'mutagen'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_module_may_not_hide_a_public_name() -> None:
    with pytest.raises(ImportError, match="merge"):
        lazily("package", {"merge": "merge"})


def test_python_m_smartmix_is_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smartmix", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("smartmix ")
