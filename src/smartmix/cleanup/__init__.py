"""Clean-up of whole recordings: what is wrong is learned in a first pass, and taken out in a second one."""

from smartmix.cleanup.clean import CleanReport, CleanSettings, Finding, clean_file
from smartmix.cleanup.faces import reduce_noise, remove_hum
from smartmix.cleanup.profiles import HumProfile, NoiseProfile, learn_hum, learn_noise_profile

__all__ = [
    "CleanReport",
    "CleanSettings",
    "Finding",
    "HumProfile",
    "NoiseProfile",
    "clean_file",
    "learn_hum",
    "learn_noise_profile",
    "reduce_noise",
    "remove_hum",
]
