"""An accepted compression move handed to the compressor of a track's chain: as deep on the peaks as the move is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix import _core
from smartmix.automation.compile import compile_plan
from smartmix.rendering.carried import has_steady_compression

if TYPE_CHECKING:
    from smartmix.audio.buffer import Audio
    from smartmix.plan import MixPlan
    from smartmix.rack.chain_file import ChainFile, DeviceEntry
    from smartmix.rack.file_chain import FileChain
    from smartmix.rack.intents.intent import CompressionIntent
    from smartmix.session import Session

Settings = Mapping[str, float]


def compression_of(session: Session, plan: MixPlan, track_id: str) -> Settings | None:
    """The settings of the compressor a track has in force for the whole song; None where it has none that stays."""
    named = {track_id: "-"}  # any name: what a strip does over time is kept for tracks with a chain
    for strip in compile_plan(session, replace(plan, chains=named)).strips:
        if strip.track_id == track_id and has_steady_compression(strip):
            return {
                name.partition(".")[2]: value
                for name, value in strip.static.items()
                if name.startswith("compressor.")
            }
    return None


def meant_for_move(chain: FileChain, settings: Settings, audio: Audio) -> ChainFile:
    """The chain file with its compressors meant to do what smartmix's compressor does to this sound, in place of what
    they were meant to do: ratio and times as near as they go, the reduction on peaks the same; as loud as before if
    the move makes up for it.
    """
    from smartmix.rack.intents.intent import CompressionIntent

    intent = CompressionIntent(
        round(reduction_on_peaks_db(settings, audio), 2),
        settings.get("ratio"),
        settings.get("attack_ms"),
        settings.get("release_ms"),
        level_matched=settings.get("makeup_db", 0.0) > 0.0,
    )
    first = chain.carriers("compression")[0]
    devices = tuple(_meant(e, intent) if e.id == first else e for e in chain.file.devices)
    return replace(chain.file, devices=devices)


def _meant(entry: DeviceEntry, intent: CompressionIntent) -> DeviceEntry:
    others = (i for i in entry.intents if not isinstance(i, type(intent)))
    return replace(entry, intents=(*others, intent), only_with_moves=True)


def reduction_on_peaks_db(settings: Settings, audio: Audio) -> float:
    """What smartmix's compressor takes away where the track is loud: exceeded in a twentieth of the time it sounds."""
    from smartmix.rack.intents.reduction import on_peaks_db, powers

    compressor = _core.Processor("compressor")
    for name, value in settings.items():
        compressor.set(name, value)
    compressor.set("makeup_db", 0.0)
    compressor.prepare(float(audio.sample_rate), audio.channels)
    late = int(compressor.latency_frames)
    held = compressor.process(audio.samples.copy())
    opened = audio.samples
    if late:
        held, opened = held[:, late:], opened[:, : opened.shape[1] - late]
    return max(0.0, on_peaks_db(powers(held, audio.sample_rate), powers(opened, audio.sample_rate)))
