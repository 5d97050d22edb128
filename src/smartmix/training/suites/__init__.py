"""Suites: each a table of figures with the rows that keep it honest, and the gates it is judged by.

A suite is a module here with ``run(options, progress=None) -> SuiteResult``.
"""
