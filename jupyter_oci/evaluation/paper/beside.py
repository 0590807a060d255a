"""The other suite's results, so that one table has both suites and their average, as the published one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import ConfigError
from ..data import are_published
from ..manifest import COMPUTED
from ..record import Record, Table
from ..results import read_results
from .summary import OWN, joint_table

_OTHER = {"humaneval": "mbpp", "mbpp": "humaneval"}
_SAME = ("model", "settings", "guide", "device", "template_sha256")


class Beside:
    """Results of the other suite under the paper protocol, with the same model and settings as the run that `manifest` tells of.

    Raises:
        ConfigError: the folder holds no such results, or the run is not under that protocol.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        suite, paper, guided = str(manifest["evaluation"]).partition("-paper")
        if not paper:
            raise ConfigError("--beside joins the two suites of the paper protocol: leave it out, or add --protocol paper.")
        self._suite = suite
        self._folder = folder
        self._there, self._records = read_results(folder)
        wanted = f"{_OTHER[suite]}{paper}{guided}"
        if (found := self._there.get("evaluation")) != wanted:
            raise ConfigError(f"--beside {folder}: these are results of {found}, and not of {wanted}.")
        self._agree(manifest, _SAME)
        same_code = self._there.get("code_sha256") == manifest["code_sha256"]
        own = not are_published({**self._there["data"], **manifest["data"]})
        differs = "The two suites were run with different versions of the code."
        self._notes = [note for note, holds in ((OWN, own), (differs, not same_code)) if holds]

    def agree(self, manifest: Mapping[str, Any]) -> None:
        """See that what the models of the run are computed in, which `manifest` tells once they are loaded, is the same.

        Raises:
            ConfigError: it is not.
        """
        self._agree(manifest, (COMPUTED,))

    def _agree(self, manifest: Mapping[str, Any], keys: Sequence[str]) -> None:
        differing = [key for key in keys if self._there.get(key) != manifest.get(key)]
        if differing:
            raise ConfigError(f"--beside {self._folder}: {', '.join(differing)} differ, so that one row cannot hold both suites.")

    def table(self, records: Sequence[Record]) -> Table:
        """Lay out this run's records and the other suite's in the published table's columns."""
        return joint_table({self._suite: records, _OTHER[self._suite]: self._records}, self._notes)
