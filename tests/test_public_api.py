"""The names other programs may rely on, held in tests/golden/public_api.txt.

A change there is a change for users: ``python tests/test_public_api.py`` writes the new list, and CHANGELOG.md says
what changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from smartmix import _core

GOLDEN = Path(__file__).with_name("golden") / "public_api.txt"
MODULES = (
    "smartmix",
    "smartmix.analysis",
    "smartmix.audio",
    "smartmix.mastering",
    "smartmix.matching",
    "smartmix.plan",
    "smartmix.processors",
    "smartmix.rendering",
    "smartmix.report",
    "smartmix.session",
    "smartmix.suggesters",
    "smartmix.workflow",
)


def public_api() -> Iterator[str]:
    """A line for each public name: signatures, fields, methods; then the parameters of the processors."""
    told: dict[int, str] = {}
    for module_name in MODULES:
        module = import_module(module_name)
        yield f"[{module_name}]"
        yield from _names(module, module_name, told)
        yield ""
    yield "[processor parameters]"
    for name in _core.processor_names():
        for info in _core.Processor(name).parameters():
            if not info.id.startswith("band") or info.id.startswith("band1."):
                allowed = "|".join(info.choices) or f"{info.low:g}..{info.high:g} {info.unit}".rstrip()
                yield f"{name}.{info.id}: {allowed} ({info.scale}, default {info.default:g})"


def _names(module: ModuleType, module_name: str, told: dict[int, str]) -> Iterator[str]:
    for name in sorted(module.__all__):
        item = getattr(module, name)
        if id(item) in told and callable(item):
            yield f"{name} = {told[id(item)]}"
            continue
        told[id(item)] = f"{module_name}.{name}"
        if inspect.isclass(item):
            yield from _class(name, item)
        elif inspect.isfunction(item):
            yield f"{name}{_signature(item)}"
        else:
            yield name


def _class(name: str, item: type) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in item.__bases__ if base is not object)
    yield f"class {name}({bases})" if bases else f"class {name}"
    if is_dataclass(item):
        yield from (f"  {field.name}: {field.type}" for field in fields(item))
    for member, raw in sorted(vars(item).items()):
        generated = is_dataclass(item) or "_is_protocol" in vars(item)
        if member.startswith("_") and (member != "__init__" or generated):
            continue
        if isinstance(raw, property):
            yield f"  {member} -> {inspect.signature(raw.fget).return_annotation}"
        elif isinstance(raw, classmethod | staticmethod) or inspect.isfunction(raw):
            yield f"  {member}{_signature(getattr(item, member))}"


def _signature(function: Callable[..., object]) -> str:
    return str(inspect.signature(function)).replace("'", "")  # annotations come as strings


def test_the_public_api_is_the_one_written_down() -> None:
    assert list(public_api()) == GOLDEN.read_text(encoding="utf-8").splitlines(), (
        "the public API has changed: write it down with `python tests/test_public_api.py`, and say so in CHANGELOG.md"
    )


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(public_api()) + "\n", encoding="utf-8")
