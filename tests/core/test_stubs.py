"""The stubs beside the native modules name exactly what is in them, with the same arguments."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import smartmix
from smartmix import _automation, _core

FOLDER = Path(smartmix.__file__).parent


def stub_names(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Public names a stub declares, and ``__init__``."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def public(names: object) -> set[str]:
    return {name for name in dir(names) if not name.startswith("_")}


def own_names(module: ModuleType) -> set[str]:
    return {name for name in public(module) if not inspect.ismodule(getattr(module, name))}


@pytest.mark.parametrize("module", [_core, _automation], ids=["_core", "_automation"])
def test_every_name_is_in_the_stub_and_in_the_module(module: ModuleType) -> None:
    stub = stub_names(ast.parse((FOLDER / f"{module.__name__.split('.')[-1]}.pyi").read_text()).body)
    assert set(stub) == own_names(module)
    for name, node in stub.items():
        if isinstance(node, ast.ClassDef):
            members = set(stub_names(node.body)) - {"__init__"}
            assert members == public(getattr(module, name)), name


def arguments(node: ast.FunctionDef) -> list[str]:
    """Names a caller may use, in order; "arg" for positional-only ones."""
    named = (*node.args.args, *node.args.kwonlyargs)
    plain = [argument.arg for argument in named if argument.arg != "self"]
    return [*("arg" for a in node.args.posonlyargs if a.arg != "self"), *plain]


def bound_arguments(signature: str) -> list[str]:
    """The same of a pybind11 signature line."""
    names = re.findall(r"(\w+): ", signature)
    return [re.sub(r"^arg\d+$", "arg", name) for name in names if name != "self"]


def test_arguments_are_those_of_the_bindings() -> None:
    checked = 0
    for name, node in stub_names(ast.parse((FOLDER / "_core.pyi").read_text()).body).items():
        owner = getattr(_core, name)
        members = stub_names(node.body) if isinstance(node, ast.ClassDef) else {name: node}
        for member, declared in members.items():
            real = owner if member == name else getattr(owner, member)
            if not isinstance(declared, ast.FunctionDef) or isinstance(real, property):
                continue
            assert arguments(declared) == bound_arguments(real.__doc__.splitlines()[0]), f"{name}.{member}"
            checked += 1
    assert checked > 30
