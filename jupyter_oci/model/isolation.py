"""Leave the network: on Linux the model's process moves into a network of its own, in which there is no other machine.

That stops what Landlock does not know, UDP above all, and needs a kernel that lets users make name spaces. Root stays in its own
user name space: in another one it could no longer read what belongs to others, the folder of the models perhaps.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_CAPABILITIES_VERSION = 0x20080522
_PR_SET_DUMPABLE = 4


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def leave_network() -> bool:
    """Cut this process off, and all it starts, for good; tell whether it was done. Call it before any thread is started."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_NETWORK if user == 0 else _NEW_USER | _NEW_NETWORK):
        return False
    if user:
        libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # else its own files in /proc would no longer be its own
        _keep_identity(user, group)
        _drop_capabilities(libc)
    return True


def _keep_identity(user: int, group: int) -> None:
    """Stay who we are in the new user name space."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with contextlib.suppress(OSError):
            Path("/proc/self", name).write_text(text)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give back the powers that the maker of a user name space has within it."""
    header = _CapabilityHeader(_CAPABILITIES_VERSION, 0)
    none = (ctypes.c_uint32 * 6)()
    libc.capset(ctypes.byref(header), ctypes.byref(none))
