"""Chats for templates that know no system's turn, or want turns of user and assistant in alternation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from .base import Message

Chat = Sequence[Message]


def as_they_are(chat: Chat) -> Chat:
    """Change nothing."""
    return chat


def merged(chat: Chat) -> Chat:
    """Make one turn of neighbours that are of one role."""
    return [
        Message(role, "\n\n".join(message.content for message in turns))
        for role, turns in groupby(chat, key=lambda message: message.role)
    ]


def folded(chat: Chat) -> Chat:
    """Let the user say what the system does, in one turn with what comes next of the user's."""
    return merged([replace(message, role="user") if message.role == "system" else message for message in chat])


ARRANGEMENTS: Final = (as_they_are, merged, folded)  # the most faithful first
