"""From sound files with names to tracks that can be mixed: every question a name raises, settled by listening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import AudioError, SessionError

if TYPE_CHECKING:
    from smartmix.session.gathering import Gathering


def sort_out(gathering: Gathering) -> None:
    """Correct, place, pair, mute and relate the tracks; everything is said in ``gathering.notices``.

    In this order, because each step rests on the one before: files that turn out damaged are left out; wrong sample
    rates; start times; dead files; left/right pairs; copies; versions; wet prints; group prints; whole mixes; one
    recording under two names. Only
    tracks a name or a length makes suspect are listened to at length; all get a glance (48 windows of 80 ms).
    """
    from smartmix.session import (
        doubles,
        header_rates,
        pairs,
        prints,
        same_recordings,
        start_times,
        versions,
        wet_prints,
    )

    _leave_out_damaged(gathering)
    header_rates.correct_rates(gathering)
    start_times.place_by_time_stamps(gathering)
    doubles.mute_dead(gathering)
    pairs.pair_sides(gathering)
    doubles.mute_copies(gathering)
    versions.mute_older_versions(gathering)
    wet_prints.relate_wet_prints(gathering)
    prints.mute_group_prints(gathering)
    prints.ask_about_mixes(gathering)
    same_recordings.ask_about_same_recordings(gathering)
    doubles.note_dual_mono(gathering)
    gathering.ear.forget()


def _leave_out_damaged(gathering: Gathering) -> None:
    """Set aside files that open but cannot be read through, as far as a glance tells."""
    from smartmix.session.findings import plain_name
    from smartmix.session.intake import plain_reason

    for track in list(gathering.tracks):
        try:
            gathering.ear.glance(track)
        except AudioError as error:
            why = plain_reason(error, track.path)
            gathering.notices.leave_out(track.path.name, f"{plain_name(track.path.name)} is set aside: {why}")
            gathering.drop(track)
            gathering.listen_anew()
    if not gathering.tracks:
        raise SessionError(f"no track can be used: {'; '.join(gathering.notices.lines)}")
