"""An album in plain text: every song before, as meant, and as it came out; then all of it as one programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.report import words

if TYPE_CHECKING:
    from smartmix.mastering.album import AlbumResult

_HEAD = ("", "before", "meant", "master", "true peak", "range", "reduction", "gap")
_UNITS = ("", "LUFS", "LUFS", "LUFS", "dBTP", "LU", "dB", "s")


def album_text(album: AlbumResult) -> str:
    """The table and what is worth a sentence."""
    rows = [_HEAD, _UNITS]
    for song in album.songs:
        rows.append(
            (
                words.printable(song.file.name),
                words.number(song.before.integrated_lufs),
                words.number(song.intent_lufs),
                words.number(song.written.integrated_lufs),
                words.number(song.written.true_peak_dbtp),
                words.number(song.written.range_lu),
                words.number(song.master.max_gain_reduction_db),
                "" if song.gap_s is None else words.number(song.gap_s),
            )
        )
    rows.append(
        (
            "Album",
            words.number(album.before.integrated_lufs),
            words.number(album.target_lufs),
            words.number(album.after.integrated_lufs),
            words.number(album.after.true_peak_dbtp),
            words.number(album.after.range_lu),
            "",
            "",
        )
    )
    widths = [max(len(row[k]) for row in rows) for k in range(len(_HEAD))]
    lines = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    told = [
        f"{words.printable(song.file.name)}: {words.sentence(song.master.reason)}"
        for song in album.songs
        if song.master.reason
    ]
    told += [f"Note: {words.printable(note)}." for note in album.notes]
    return "\n".join([line.rstrip() for line in lines] + (["", *told] if told else [])) + "\n"
