"""See that there is a Chromium for the UI tests, and a font to read in its screenshots."""

from __future__ import annotations

import os
import shutil
import subprocess

from commands import say

PACKAGES = ("chromium", "fonts-dejavu-core")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Give the path of a Chromium: the one that CHROMIUM names, or one in PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_browser() -> None:
    """Install Debian's Chromium where there is none and we may; without it the UI tests fail and say so."""
    if find_browser() is not None or shutil.which("apt-get") is None or os.geteuid() != 0:
        return
    say("Installing Chromium for the UI tests")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run(["apt-get", *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
