"""HTML by construction: text is escaped unless it is Html, and only this module makes Html out of text.

Html added to or formatted into a plain string is a plain string again, so a mistake shows as a doubly escaped
word on the page, never as a hole in it.
"""

from __future__ import annotations

import html
import math

from smartmix.report.printable import printable


class Html(str):
    """Markup that is already safe to put on the page."""

    __slots__ = ()


Child = str | None
Attribute = str | float | bool | None

_VOID = frozenset({"meta", "br", "hr", "col", "link"})


def escape(text: str) -> Html:
    """The text with nothing in it that HTML, or an attribute in either quote, would read as markup."""
    return text if isinstance(text, Html) else Html(html.escape(printable(text), quote=True))


def join(*children: Child) -> Html:
    """The children one after the other, each escaped unless it is Html; None is left out."""
    return Html("".join(escape(child) for child in children if child is not None))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """An element. In attribute names a last _ is dropped, others become hyphens; None and False vanish."""
    head = Html(f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>")
    return head if name in _VOID else join(head, *children, Html(f"</{name}>"))


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    text = coordinate(value) if isinstance(value, (int, float)) else value
    return f' {name}="{escape(text)}"'


def coordinate(value: float) -> str:
    """A number for an attribute: at most two decimals, never an exponent; ValueError if it is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"an attribute cannot be {value!r}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
