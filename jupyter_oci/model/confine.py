"""Landlock: on Linux a process may read and write only in folders that are named, and may not speak TCP.

Weights and templates are other people's data; should one of them take over the model's process, this is what it meets. Where
the kernel has no Landlock (before 5.13, or switched off) nothing happens, and `active` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_QUERY_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

# Access rights of the kernel's landlock.h, with the version that brought them.
_WRITE_FILE, _REMOVE_AND_MAKE = 1 << 1, 0b1_1111_1111 << 4
_READ_FILE_AND_FOLDER, _READ_FOLDER = 0b11 << 2, 1 << 3
_ON_FILES = 1 << 1 | 1 << 2 | 1 << 14  # those that a rule for a file, not a folder, can give
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_VERSION_REFER, _VERSION_TRUNCATE, _VERSION_TCP, _VERSION_SCOPES = 2, 3, 4, 6

# No terminals, and no shared memory: what others hold there would be open to us.
_DEVICES = ("null", "zero", "full", "random", "urandom")
_GRAPHICS_CARDS = ("nvidia*", "nvhost*", "nvmap", "nvgpu", "dxg", "dri", "kfd")
_OWN_THREADS = Path("/proc/self/task")  # CUDA does not start where it cannot name its threads


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def confine(writable: Iterable[Path], readable: Iterable[Path] | None = None, listable: Iterable[Path] = ()) -> bool:
    """Confine this process, and all it starts, for good; tell whether it was done. Call it before any thread is started.

    With `readable`, nothing may be read but that and what may be written; what of it cannot be opened is passed over. Of what
    is in the folders `listable` the names alone may be read.
    """
    version = _version()
    if not version:
        return False
    reading = 0 if readable is None else _READ_FILE_AND_FOLDER
    rights = _write_rights(version) | reading
    ruleset = _create(version, rights)
    try:
        for path in writable:
            _allow(ruleset, path, rights)
        for paths, right in (
            (_devices(), rights),
            ([_OWN_THREADS], rights & _ON_FILES),
            (readable or (), reading),
            (listable, reading & _READ_FOLDER),
        ):
            for path in paths:
                with contextlib.suppress(OSError):  # then it is not allowed
                    _allow(ruleset, path, right)
        _call(ctypes.CDLL(None, use_errno=True).prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def active() -> dict[str, bool | str]:
    """Say what this machine's kernel can confine."""
    version = _version()
    return {
        "landlock": f"version {version}" if version else "not available",
        "writes": version > 0,
        "tcp": version >= _VERSION_TCP,
        "signals": version >= _VERSION_SCOPES,
        "reads": version > 0,
    }


def _devices() -> Iterator[Path]:
    """Give what is always writable: devices that hold nothing, and graphics cards, which are guarded by their own permissions."""
    for pattern in (*_DEVICES, *_GRAPHICS_CARDS):
        yield from Path("/dev").glob(pattern)


def _version() -> int:
    """Give the version of Landlock that the kernel has; 0: none."""
    if sys.platform != "linux":
        return 0
    try:
        return _syscall(_CREATE_RULESET, None, 0, _QUERY_VERSION)
    except (OSError, AttributeError):
        return 0


def _write_rights(version: int) -> int:
    rights = _WRITE_FILE | _REMOVE_AND_MAKE
    rights |= _REFER if version >= _VERSION_REFER else 0
    return rights | (_TRUNCATE if version >= _VERSION_TRUNCATE else 0)


def _create(version: int, rights: int) -> int:
    """Make a ruleset of the size that this version knows; give its file descriptor."""
    fields = 1 + (version >= _VERSION_TCP) + (version >= _VERSION_SCOPES)
    ruleset = _Ruleset(
        rights,
        _BIND_AND_CONNECT_TCP if version >= _VERSION_TCP else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _VERSION_SCOPES else 0,
    )
    return _syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ctypes.c_uint64) * fields, 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(_PathBeneath(rights, descriptor)), 0)
    finally:
        os.close(descriptor)


def _syscall(number: int, *arguments: object) -> int:
    return _call(ctypes.CDLL(None, use_errno=True).syscall, number, *arguments)


def _call(function: ctypes._NamedFuncPointer, *arguments: object) -> int:
    wide = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    result = int(function(*wide))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
