"""Paths of notebooks and folders as the server's contents name them: relative to its root, with slashes."""

from __future__ import annotations


def is_within(path: str, place: str) -> bool:
    """Whether a path is that of a place, or lies below it."""
    return path == place or path.startswith(f"{place}/")


def moved(path: str, place: str, new_place: str) -> str:
    """Give the path that something has when a place was moved."""
    return new_place + path[len(place) :] if is_within(path, place) else path
