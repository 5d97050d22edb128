"""Tags into finished files through mutagen, each format in its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smartmix.audio.tags import Tags

_VORBIS = {
    "title": "TITLE",
    "artist": "ARTIST",
    "album": "ALBUM",
    "track": "TRACKNUMBER",
    "date": "DATE",
    "genre": "GENRE",
    "comment": "COMMENT",
    "isrc": "ISRC",
    "copyright": "COPYRIGHT",
}
_ID3 = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "track": "TRCK",
    "date": "TDRC",
    "genre": "TCON",
    "isrc": "TSRC",
    "copyright": "TCOP",
}
_MP4 = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "album": "\xa9alb",
    "date": "\xa9day",
    "genre": "\xa9gen",
    "comment": "\xa9cmt",
    "copyright": "cprt",
}


def tagged(path: Path, form: str, tags: Tags) -> None:
    """Write the tags into a finished file of the format ("flac", "ogg", "opus", "mp3", "m4a"), whatever its name; a
    file without any stays as it is.
    """
    given = {field: getattr(tags, field) for field in Tags.__dataclass_fields__ if getattr(tags, field)}
    if not given:
        return
    if form == "mp3":
        _id3(path, given)
    elif form == "m4a":
        _mp4(path, given)
    else:
        _vorbis(path, form, given)


def _vorbis(path: Path, form: str, given: dict[str, str]) -> None:
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    kinds: dict[str, Any] = {"flac": FLAC, "ogg": OggVorbis, "opus": OggOpus}
    file = kinds[form](path)
    for field, text in given.items():
        number, slash, total = text.partition("/")
        file[_VORBIS[field]] = number if field == "track" else text
        if field == "track" and slash:
            file["TRACKTOTAL"] = total
    file.save()


def _id3(path: Path, given: dict[str, str]) -> None:
    from mutagen import id3 as frames

    id3: Any = frames

    tags = id3.ID3()
    for field, text in given.items():
        if field == "comment":
            tags.add(id3.COMM(encoding=3, lang="eng", desc="", text=text))
        else:
            tags.add(getattr(id3, _ID3[field])(encoding=3, text=text))
    tags.save(path)


def _mp4(path: Path, given: dict[str, str]) -> None:
    from mutagen import mp4

    mp4_file: Any = mp4

    file = mp4_file.MP4(path)
    for field, text in given.items():
        if field == "track":
            number, _, total = text.partition("/")
            if number.isdecimal():
                file["trkn"] = [(int(number), int(total) if total.isdecimal() else 0)]
        elif field == "isrc":
            file["----:com.apple.iTunes:ISRC"] = mp4_file.MP4FreeForm(text.encode("utf-8"))
        else:
            file[_MP4[field]] = text
    file.save()
