"""A plugin with known answers and its broken brothers, built once a session from our own source."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from smartmix.rack.places import architecture

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("known_plugin.cpp")


def build(folder: Path, name: str, fault: int = 0, *, only: int = 0, keeps: bool = False) -> Path:
    """A bundle in ``folder`` with the plugin inside, doing ``fault`` when it is loaded; see known_plugin.cpp."""
    bundle = folder / f"{name}.vst3"
    library = bundle / "Contents" / architecture() / f"{name}.so"
    library.parent.mkdir(parents=True)
    compiler = os.environ.get("CXX") or shutil.which("g++") or "c++"
    flags = [
        "-std=c++20",
        "-O1",
        "-Wall",
        "-Wextra",
        "-fPIC",
        "-shared",
        f"-DFAULT={fault}",
        f"-DONLY={only}",
        f"-DKEEPS={int(keeps)}",
        f"-I{ROOT / 'csrc'}",
    ]
    subprocess.run([compiler, *flags, str(SOURCE), "-o", str(library)], check=True)
    return bundle


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of plugins: one good, and every kind of bad file a user may have."""
    folder = tmp_path_factory.mktemp("vst3")
    good = build(folder, "Known", 0)
    for name, fault in (("Crash", 1), ("Hang", 2), ("Abort", 3)):
        build(folder, name, fault)
    inside = Path("Contents") / architecture()
    whole = (good / inside / "Known.so").read_bytes()
    for name, data in (("Cut", whole[: len(whole) // 2]), ("Text", b"not a library"), ("Empty", b"")):
        library = folder / f"{name}.vst3" / inside / f"{name}.so"
        library.parent.mkdir(parents=True)
        library.write_bytes(data)
    (folder / "Hollow.vst3").mkdir()
    elsewhere = folder / "Other.vst3" / "Contents" / "arm64ec-win"
    elsewhere.mkdir(parents=True)
    (folder / "notes.txt").write_text("not a plugin")
    return folder


@pytest.fixture(scope="session")
def known(plugin_folder: Path) -> Path:
    """The plugin with known answers: gain, delay, a key that is taken away, a meter."""
    return plugin_folder / "Known.vst3"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts of these tests stay in a folder of their own, one for the session."""
    base = tmp_path_factory.getbasetemp() / "rack-cache"
    monkeypatch.setenv("SMARTMIX_CACHE", str(base))


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plugin as "Mono" (one channel, and it keeps its audio when reset) and "Stereo" (two only)."""
    folder = tmp_path_factory.mktemp("kinds")
    build(folder, "Mono", only=1, keeps=True)
    build(folder, "Stereo", only=2)
    return folder


@pytest.fixture
def float_mode() -> Iterator[None]:
    """The floating-point mode of the test's thread as it was: other hosts let plugins change it for good."""
    libm = ctypes.CDLL(None)
    kept = ctypes.create_string_buffer(64)
    libm.fegetenv(kept)
    yield
    libm.fesetenv(kept)
