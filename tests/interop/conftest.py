"""The schemas of DAWproject, where they lie beside the checkout (MIT, (c) Bitwig; no part of this project)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def schemas(repo_root: Path) -> Path:
    beside = os.environ.get("SMARTMIX_DEV_SONGS")
    data = Path(beside).parent if beside else repo_root.parent / "shared" / "data"
    if not (data / "dawproject" / "Project.xsd").is_file():
        pytest.skip("DAWproject schemas: not beside the checkout")
    return data / "dawproject"
