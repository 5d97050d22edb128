"""Habits: what a person usually makes of suggestions, learned from their own decisions, on their own machine.

A habit moves a suggestion a little in the direction the person always moves it, and says so. It speaks only when it is
plain: several songs, a clear direction, more than the smallest step one sets. Nothing is sent anywhere; the file can be
read, exported, switched off and thrown away.
"""

from smartmix.suggesters.habits.apply import with_habits
from smartmix.suggesters.habits.decisions import Decision, decisions_of
from smartmix.suggesters.habits.file import HabitsFile, habits_path, load_habits, remember, save_habits
from smartmix.suggesters.habits.ridge import Habit, learn_habits

__all__ = [
    "Decision",
    "Habit",
    "HabitsFile",
    "decisions_of",
    "habits_path",
    "learn_habits",
    "load_habits",
    "remember",
    "save_habits",
    "with_habits",
]
