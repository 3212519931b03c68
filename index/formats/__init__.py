"""The formats that are read: which there are, which of them a file is in, and what makes articles of it.

A module of a format is imported when the first file in that format is read.
"""

from __future__ import annotations

from .detection import detect, readable_suffix
from .members import Budget, Item, Member, Note, container_of, is_member
from .registry import ARTICLES, CONTAINERS, Container, Format, readable_line

__all__ = [
    "ARTICLES",
    "CONTAINERS",
    "Budget",
    "Container",
    "Format",
    "Item",
    "Member",
    "Note",
    "container_of",
    "detect",
    "is_member",
    "readable_line",
    "readable_suffix",
]
