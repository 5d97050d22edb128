"""REAPER project files (.rpp): the text of a project, kept byte for byte."""
