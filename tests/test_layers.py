"""The house rule: a module imports only what stands above it in the list of layers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LAYERS = [
    {"units", "errors", "figures", "progress", "lazy"},
    {"parameter"},
    {"_core", "_automation"},
    {"audio"},
    {"processors"},
    {"synth"},
    {"session"},
    {"analysis"},
    {"matching", "cleanup"},
    {"plan"},
    {"suggesters"},
    {"automation"},
    {"rack"},
    {"rendering"},
    {"mastering"},
    {"workflow"},
    {"interop", "report", "batch", "desk"},
    {"training"},
    {"cli", "__init__"},
    {"__main__"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
ONLY_IN = {
    "torch": ("suggesters/models/", "training/"),
    "pedalboard": ("rack/", "audio/"),
    "pybind11": (),
}


def imported_modules(tree: ast.AST) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.lineno, node.module))
            if node.module == "smartmix":
                found += [(node.lineno, f"smartmix.{alias.name}") for alias in node.names]
    return found


def layer_of(relative: Path) -> str:
    return relative.parts[0].removesuffix(".py").removesuffix(".pyx")


def violations(package: Path) -> list[str]:
    wrong: list[str] = []
    for file in sorted(package.rglob("*.py")):
        relative = file.relative_to(package)
        own = layer_of(relative)
        if own not in RANK:
            wrong.append(f"{relative}: {own!r} is not in the list of layers")
            continue
        for line, module in imported_modules(ast.parse(file.read_text(encoding="utf-8"))):
            top, _, rest = module.partition(".")
            if top in ONLY_IN and not relative.as_posix().startswith(ONLY_IN[top] or ("\0",)):
                wrong.append(f"{relative}:{line}: {top} may not be imported here")
            if top != "smartmix" or not rest:
                continue
            other = rest.split(".")[0]
            if other in RANK and other != own and RANK[other] >= RANK[own]:
                wrong.append(f"{relative}:{line}: {own} may not import {other}")
    return wrong


def test_imports_go_only_downwards(repo_root: Path) -> None:
    assert violations(repo_root / "src" / "smartmix") == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("analysis/x.py", "from smartmix.plan.move import Move\n", "analysis may not import plan"),
        ("plan/x.py", "def f():\n    import smartmix.rendering.offline\n", "plan may not import rendering"),
        ("mastering/x.py", "import torch\n", "torch may not be imported here"),
        ("plan/x.py", "from pedalboard import Gain\n", "pedalboard may not be imported here"),
        ("helpers/x.py", "", "not in the list of layers"),
        ("audio/x.py", "from smartmix import session\n", "audio may not import session"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, text: str, message: str) -> None:
    target = tmp_path / file
    target.parent.mkdir()
    target.write_text(text, encoding="utf-8")
    assert any(message in line for line in violations(tmp_path))


def test_bindings_are_the_only_place_that_knows_pybind11(repo_root: Path) -> None:
    knowing = {
        file.relative_to(repo_root / "csrc").parts[0]
        for file in (repo_root / "csrc").rglob("*.[ch]pp")
        if "pybind11" in file.read_text(encoding="utf-8")
    }
    assert knowing <= {"bindings"}
