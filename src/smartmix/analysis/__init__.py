"""Facts about a session: levels, spectra, stereo, lowest notes, problems. No opinions here."""

from typing import TYPE_CHECKING

from smartmix.lazy import lazily

if TYPE_CHECKING:
    from smartmix.analysis.album import AlbumLoudness, measure_album_loudness
    from smartmix.analysis.analysing import analyze
    from smartmix.analysis.analysis import (
        Analysis,
        BusFacts,
        Features,
        Problem,
        SectionFacts,
        ShortLevels,
        Tempo,
        TrackFacts,
    )
    from smartmix.analysis.features import extract
    from smartmix.analysis.fingerprint import Fingerprint, Likeness
    from smartmix.analysis.loudness import Loudness, measure_loudness
    from smartmix.analysis.mask_ratio import SignalToMask, measure_signal_to_mask
    from smartmix.analysis.masking import Masking, measure_masking
    from smartmix.analysis.masking_events import MaskingEvent
    from smartmix.analysis.masking_facts import MaskedPlace, MaskingFacts
    from smartmix.analysis.problems import find_problems
    from smartmix.analysis.spectrum import Spectrum, measure_spectrum
    from smartmix.analysis.stereo import StereoImage, measure_stereo

__all__ = [
    "AlbumLoudness",
    "Analysis",
    "BusFacts",
    "Features",
    "Fingerprint",
    "Likeness",
    "Loudness",
    "MaskedPlace",
    "Masking",
    "MaskingEvent",
    "MaskingFacts",
    "Problem",
    "SectionFacts",
    "ShortLevels",
    "SignalToMask",
    "Spectrum",
    "StereoImage",
    "Tempo",
    "TrackFacts",
    "analyze",
    "extract",
    "find_problems",
    "measure_album_loudness",
    "measure_loudness",
    "measure_masking",
    "measure_signal_to_mask",
    "measure_spectrum",
    "measure_stereo",
]

__getattr__ = lazily(
    __name__,
    {
        "AlbumLoudness": "album",
        "Analysis": "analysis",
        "BusFacts": "analysis",
        "Features": "analysis",
        "Fingerprint": "fingerprint",
        "Likeness": "fingerprint",
        "Loudness": "loudness",
        "MaskedPlace": "masking_facts",
        "Masking": "masking",
        "MaskingEvent": "masking_events",
        "MaskingFacts": "masking_facts",
        "Problem": "analysis",
        "SectionFacts": "analysis",
        "ShortLevels": "analysis",
        "SignalToMask": "mask_ratio",
        "Spectrum": "spectrum",
        "StereoImage": "stereo",
        "Tempo": "analysis",
        "TrackFacts": "analysis",
        "analyze": "analysing",
        "extract": "features",
        "find_problems": "problems",
        "measure_album_loudness": "album",
        "measure_loudness": "loudness",
        "measure_masking": "masking",
        "measure_signal_to_mask": "mask_ratio",
        "measure_spectrum": "spectrum",
        "measure_stereo": "stereo",
    },
)
