"""Leaves the script beside the tests to itself: it imports from its own folder."""

collect_ignore = ["control.py"]
