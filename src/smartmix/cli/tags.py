"""``--tag FIELD=TEXT``, as commands that write finished files take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.audio.tags import Tags


def parse_tags(texts: list[str] | None) -> Tags | None:
    """Tags of FIELD=TEXT words; None without any. SmartmixError for a field there is not."""
    from smartmix.audio.tags import Tags

    if not texts:
        return None
    given: dict[str, str] = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals or field.strip() not in Tags.__dataclass_fields__:
            known = ", ".join(Tags.__dataclass_fields__)
            raise SmartmixError(f"--tag {text!r}: expected FIELD=TEXT with one of {known}")
        given[field.strip()] = value.strip()
    return Tags(**given)
