"""Packages whose public names are imported when they are first used: what a command does not need costs it nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package: ``homes`` says for each public name the module of the package it lives in.

    No module of the package may have the name of something public: whoever imports that module would hide it.
    """
    if hidden := set(homes) & set(homes.values()):
        raise ImportError(f"{package}: a module and a public name are both called {sorted(hidden)}")

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return found
