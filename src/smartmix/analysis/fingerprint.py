"""Recognising a revised file: what is kept of a source (landmarks.py) and how two are compared (likeness.py)."""

from smartmix.analysis.landmarks import Fingerprint, FingerprintMeter, fingerprint
from smartmix.analysis.likeness import Likeness, match

__all__ = ["Fingerprint", "FingerprintMeter", "Likeness", "fingerprint", "match"]
