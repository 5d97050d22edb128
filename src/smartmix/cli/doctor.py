"""``smartmix doctor``: what this installation is made of, and whether it is whole."""

from __future__ import annotations

from typing import Any

import typer

from smartmix.cli import output

LIBRARIES = ("numpy", "scipy", "soundfile", "soxr", "pydantic", "tomlkit", "typer", "rich")
OPTIONAL = ("pedalboard", "torch")


def version_of(package: str) -> str | None:
    """The installed version of a package, without importing it; None when it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def doctor(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Show what this installation is made of.

    Python, the native build, libraries; exit code 1 when something needed is missing.
    """
    facts = _facts()
    if as_json:
        output.print_json({"format": 1} | facts)
    else:
        _show(facts, quiet=quiet)
    if facts["missing"]:
        raise typer.Exit(1)


def _facts() -> dict[str, Any]:
    import os
    import platform
    import sys

    natives, missing = _natives()
    libraries = {name: version_of(name) for name in LIBRARIES}
    missing += [name for name, found in libraries.items() if found is None]
    return {
        "smartmix": version_of("smartmix"),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "natives": natives,
        "libraries": libraries,
        "libsndfile": _libsndfile(),
        "optional": {name: version_of(name) for name in OPTIONAL},
        "missing": missing,
    }


def _natives() -> tuple[dict[str, Any], list[str]]:
    try:
        from smartmix import _automation as automation
        from smartmix import _core
    except ImportError as error:
        return {"error": str(error)}, ["smartmix._core, smartmix._automation (build them: make build)"]
    del automation
    return dict(_core.build_info()) | {"processors": list(_core.processor_names())}, []


def _libsndfile() -> str | None:
    try:
        import soundfile
    except (ImportError, OSError):
        return None
    return str(soundfile.__libsndfile_version__)


def _show(facts: dict[str, Any], *, quiet: bool) -> None:
    console = output.console(quiet=quiet)
    natives = facts["natives"]
    rows = {
        "smartmix": facts["smartmix"] or "not installed as a package",
        "python": f"{facts['python']} ({facts['executable']})",
        "system": f"{facts['system']}, {facts['cpus']} CPUs",
        "libsndfile": facts["libsndfile"] or "missing",
        **{f"native {key}": _words(value) for key, value in natives.items() if key != "warning"},
        **{name: version or "missing" for name, version in facts["libraries"].items()},
        **{name: version or "not installed (optional)" for name, version in facts["optional"].items()},
    }
    width = max(len(name) for name in rows)
    for name, value in rows.items():
        console.print(f"{name.ljust(width)}  {value}", soft_wrap=True)
    if natives.get("warning"):
        console.print(f"warning: {natives['warning']}", soft_wrap=True)
    verdict = f"missing: {', '.join(facts['missing'])}" if facts["missing"] else "all that is needed is here"
    console.print(verdict, soft_wrap=True)


def _words(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
