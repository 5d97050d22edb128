# cython: boundscheck=False, wraparound=False
"""Time: lanes to events. The only Cython module; no DSP here."""
