"""TOML documents people edit: read with clear errors, written whole, comments kept (comments.py)."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from smartmix.audio.files import write_text
from smartmix.session.comments import Comments, Place, identity, numbered
from smartmix.session.kinds import refuse_other_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from smartmix.errors import SmartmixError
    from smartmix.session.kinds import Name

Model = TypeVar("Model", bound="BaseModel")
Document = dict[str, Any]

MAX_DOCUMENT_BYTES = 8_000_000
MAX_LINE = 100
GONE = "# Comments of entries that are no longer in this file:"

# tomllib takes time and memory that grow with the square of the dots in a key.
_DEEP_KEY = re.compile(
    r"""(?:^|[\n,{])[ \t]*(?:\[{1,2}[ \t]*)?"""
    r"""(?:(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){16}"""
)


def read_text(path: Path, error: type[SmartmixError]) -> str:
    """The text of a document; ``error`` for a missing, huge, binary or unreadable file or a device."""
    if not path.exists():
        raise error(f"{path}: no such file")
    if not path.is_file():
        raise error(f"{path}: is not a file; expected a text file in TOML")
    size = path.stat().st_size
    if size > MAX_DOCUMENT_BYTES:
        raise error(f"{path}: {size} bytes; expected at most {MAX_DOCUMENT_BYTES} of TOML")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise error(f"{path}: byte {cause.start} is not UTF-8 text; save it as UTF-8") from None
    except OSError as cause:
        raise error(f"{path}: cannot be read ({cause.strerror})") from cause


def parse(text: str, path: Path, error: type[SmartmixError]) -> Document:
    """The tables of a TOML text; ``error`` with line and column where it is not TOML."""
    if _DEEP_KEY.search(text):
        raise error(f"{path}: a key nested deeper than 16 tables; this is not a file for smartmix")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise error(f"{path}: is not valid TOML: {cause}{_hint(text, str(cause))}") from None
    except (RecursionError, ValueError) as cause:
        why = "lists nested too deeply" if isinstance(cause, RecursionError) else str(cause)
        raise error(f"{path}: cannot be read: {why}") from None


def parse_as(kind: Name, text: str, path: Path, error: type[SmartmixError]) -> Document:
    """As ``parse``, for one kind of smartmix's files; another kind is refused by its name."""
    data = parse(text, path, error)
    refuse_other_kinds(data, kind, path, error)
    return data


def _hint(text: str, cause: str) -> str:
    """What a person most likely wrote in the line of a fault: a figure as it stands in a report."""
    found = re.search(r"at line (\d+)", cause)
    line = text.splitlines()[int(found[1]) - 1] if found and int(found[1]) <= len(text.splitlines()) else ""
    if re.search(r"=\s*\[?\s*[\u2212\u2013]", line):
        return "; a minus is written - here"
    if re.search(r"=\s*[-+]?[\d.]+\s*(%|[A-Za-z]{1,6})\s*(#|$)", line):
        return "; a number stands without its unit"
    return ""


def validate(model: type[Model], data: Document, path: Path, error: type[SmartmixError]) -> Model:
    """The document as a checked model; ``error`` names file, entry, key, value and what was expected."""
    from pydantic import ValidationError

    try:
        return model.model_validate(data)
    except ValidationError as cause:
        found = cause.errors(include_url=False)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise error(f"{path}: {_complaint(model, data, found[0])}{more}") from None


def _complaint(model: type[BaseModel], data: Document, problem: Any) -> str:
    place = problem["loc"]
    where, key = _where(data, place)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(_model_at(model, place[:-1]).model_fields))
        return f"{where}unknown key {key!r}; known: {known}"
    if problem["type"] == "missing":
        return f"{where}the key {key!r} is missing"
    return f"{where}{key} = {_shown(problem['input'])}: expected {_expected(model, problem)}"


def _expected(model: type[BaseModel], problem: Any) -> str:
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    place = [part for part in problem["loc"] if isinstance(part, str)]
    owner = _model_at(model, place[:-1])
    description = owner.model_fields[place[-1]].description if place[-1] in owner.model_fields else None
    return description or str(problem["msg"]).removeprefix("Input should be ")


def _where(data: Document, place: Iterable[str | int]) -> tuple[str, str]:
    """An entry as a person finds it ("move 3 ('m01ab'), set 1, ") and the key the complaint is about."""
    words: list[str] = []
    at: Any = data
    for part in place:
        try:
            at = at[part]
        except (KeyError, IndexError, TypeError):
            at = None
        if isinstance(part, str):
            words.append(part)
            continue
        name = at.get("id", at.get("ref", at.get("file"))) if isinstance(at, dict) else None
        words[-1] += f" {part + 1}" + (f" ({name!r})" if isinstance(name, str) else "")
    key = words.pop() if words else "the file"
    return "".join(f"{word}, " for word in words), key


def _model_at(model: type[BaseModel], place: Iterable[str | int]) -> type[BaseModel]:
    from pydantic import BaseModel

    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            inner = model.model_fields[part].annotation
            for candidate in (inner, *getattr(inner, "__args__", ())):
                if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                    model = candidate
    return model


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def render(document: Document, comments: Comments) -> str:
    """The text of a document with its comments: plain values first, then tables, then lists of entries."""
    lines = list(_render_table(document, (), "", comments))
    end, gone = comments.take("below", ("",)), comments.left()
    if gone and GONE not in end:
        gone.insert(0, GONE)
    if end or gone:
        lines += ["", *end, *gone]
    return "\n".join(lines) + "\n"


def _render_table(table: Document, place: Place, header: str, comments: Comments) -> Iterator[str]:
    nested = {k: v for k, v in table.items() if isinstance(v, dict) or _is_list_of_tables(v)}
    for key, value in table.items():
        if key not in nested:
            here = (*place, key)
            yield from comments.take("above", here)
            yield "  ".join([f"{_key_text(key)} = {_value_text(value)}", *comments.take("behind", here)])
    below = comments.take("below", place) if place else []
    if below:
        yield from ("", *below)
    for key, value in nested.items():
        name = f"{header}.{_key_text(key)}" if header else _key_text(key)
        if isinstance(value, dict):
            if value:
                yield from _render_entry(value, (*place, key), name, f"[{name}]", comments)
            continue
        counter: dict[Place, int] = {}
        for entry in value:
            here = numbered((*place, key, identity(entry)), counter)
            yield from _render_entry(entry, here, name, f"[[{name}]]", comments)


def _render_entry(table: Document, place: Place, name: str, header: str, comments: Comments) -> Iterator[str]:
    yield from ("", *comments.take("above", place))
    yield "  ".join([header, *comments.take("behind", place)])
    yield from _render_table(table, place, name, comments)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _string_text(key)


def _string_text(text: str) -> str:
    # JSON escapes are TOML escapes; only DEL needs one more. Lone surrogates cannot be written in UTF-8.
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _string_text(value)
    if isinstance(value, list):
        return _list_text([_value_text(v) for v in value])
    raise TypeError(f"a {type(value).__name__} has no place in a document")


def _list_text(parts: list[str]) -> str:
    line = "[" + ", ".join(parts) + "]"
    if len(line) <= MAX_LINE:
        return line
    rows = [""]
    for part in parts:
        if rows[-1] and len(rows[-1]) + len(part) > MAX_LINE - 6:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else ''}{part},"
    return "[\n" + "".join(f"  {row}\n" for row in rows) + "]"


def with_header(header: str, document: Document, notes: dict[Place, str] | None = None) -> Comments:
    """Comments of a new document: a header above its first key, and a note above other places."""
    above = {place: [f"# {note}"] for place, note in (notes or {}).items()}
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    return Comments(above=above | {(next(iter(document)),): lines})


def write(path: Path, document: Document, comments: Comments) -> str:
    """Write a document with its comments atomically and return its text."""
    text = render(document, comments)
    write_text(path, text, force=True)
    return text
