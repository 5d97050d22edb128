"""REAPER projects (.rpp): a text that is kept byte for byte where nothing changed."""

from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.write import write
from smartmix.interop.rpp.write_back import keep

__all__ = ["keep", "read", "write"]
