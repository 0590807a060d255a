"""The other suite's results, so that one table has both suites and their average, as the published one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import ConfigError
from ..data import are_published
from ..record import Record, Table
from ..results import read_results
from .summary import OWN, joint_table

_OTHER = {"humaneval": "mbpp", "mbpp": "humaneval"}
_SAME = ("model", "settings", "guide", "device", "template")


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
        there, self._records = read_results(folder)
        wanted = f"{_OTHER[suite]}{paper}{guided}"
        if there.get("evaluation") != wanted:
            raise ConfigError(f"--beside {folder}: these are results of {there.get('evaluation')}, and not of {wanted}.")
        differing = [key for key in _SAME if there.get(key) != manifest.get(key)]
        if differing:
            raise ConfigError(f"--beside {folder}: {', '.join(differing)} differ, so that one row cannot hold both suites.")
        same_code = there.get("code_sha256") == manifest["code_sha256"]
        own = not are_published({**there["data"], **manifest["data"]})
        differs = "The two suites were run with different versions of the code."
        self._notes = [note for note, holds in ((OWN, own), (differs, not same_code)) if holds]

    def table(self, records: Sequence[Record]) -> Table:
        """Lay out this run's records and the other suite's in the published table's columns."""
        return joint_table({self._suite: records, _OTHER[self._suite]: self._records}, self._notes)
