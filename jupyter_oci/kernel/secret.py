"""Runs inside the user's kernel: what may be a secret, by its name or by how it is written.

The source of this file is sent to the kernel with that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import re

SECRETS = ("passw", "passphrase", "secret", "credential")
KEYS = ("key", "token")  # or those of tables and of languages
SECRET_PARTS = frozenset({"auth", "dsn", "pass", "pin", "pw", "pwd"})
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# An address with a password, a password in a setting, a key of a service.
SECRET_TEXT = re.compile(
    r"://[^\s/:@]*:[^\s/@]+@|\b(?:password|passwd|pwd|secret|token)=\S|\bBearer \S"
    r"|\b(?:sk-[\w-]{6}|gh[a-z]_\w{4}|github_pat_|glpat-|hf_\w{8}|xox[a-z]-|AKIA[A-Z\d]{8}|AIza[\w-]{8}|eyJ[\w-]{8})",
    re.IGNORECASE,
)
KEY_TEXT = re.compile(r"(?=\S*\d)\S{8,}|\S{20,}")
READ_FOR_SECRETS = 500


def is_secret(name: str) -> bool:
    """Whether a name is that of a secret and of nothing else."""
    return any(word in name.lower() for word in SECRETS)


def may_be_secret(name: str) -> bool:
    """Whether a name is that of a secret, perhaps of another thing too."""
    return is_secret(name) or not SECRET_PARTS.isdisjoint(part.lower() for part in PART.findall(name))


def may_be_key(name: str) -> bool:
    """Whether a name is that of keys or tokens."""
    return any(word in name.lower() for word in KEYS)


def reads_as_secret(text: str) -> bool:
    """Whether a text, as far as it is read, is or has a secret."""
    return SECRET_TEXT.search(text[:READ_FOR_SECRETS]) is not None


def reads_as_key(text: str) -> bool:
    """Whether a text named so may be a key: long and with a digit, or very long."""
    return KEY_TEXT.fullmatch(text[:READ_FOR_SECRETS]) is not None
