"""Tracks to learn from, made by code: many unrelated ways to make each kind of sound, played at random."""
