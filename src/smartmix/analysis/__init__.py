"""Facts about a session: levels, spectra, stereo, lowest notes, problems. No opinions here."""

from smartmix.analysis.analysis import Analysis, Features, Problem, TrackFacts
from smartmix.analysis.analyze import analyze
from smartmix.analysis.features import extract
from smartmix.analysis.loudness import Loudness, measure_loudness
from smartmix.analysis.problems import find_problems
from smartmix.analysis.spectrum import Spectrum, measure_spectrum
from smartmix.analysis.stereo import StereoImage, measure_stereo

__all__ = [
    "Analysis",
    "Features",
    "Loudness",
    "Problem",
    "Spectrum",
    "StereoImage",
    "TrackFacts",
    "analyze",
    "extract",
    "find_problems",
    "measure_loudness",
    "measure_spectrum",
    "measure_stereo",
]
