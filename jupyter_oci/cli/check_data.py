"""`jupyter oci evaluate SUITE --check-data`: the suite's own solutions through the judge."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

from tqdm import tqdm

from ..evaluation.data import Files
from ..evaluation.proof import Proof, checks

_SHOWN = 300


def check_data(suite: str, files: Files, *, jobs: int, kernel: str) -> int:
    """Judge them all, tell what is not as it must be, and count; return the exit code."""
    waiting = checks(suite, files, kernel)
    proofs: list[Proof] = []
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(waiting), desc=f"{suite}, its own solutions") as bar:
        for future in as_completed([pool.submit(check) for check in waiting.values()]):
            proofs += future.result()
            bar.update()
    for note in sorted({f"{proof.name.partition(',')[0]}: {proof.note}." for proof in proofs if proof.note}):
        print(note)
    wrong = sorted((proof for proof in proofs if proof.wrong), key=lambda proof: proof.name)
    for proof in wrong:
        print(f"{proof.name}: {' '.join(proof.wrong[-_SHOWN:].split())}", file=sys.stderr)
    print(f"{suite}: {len(proofs) - len(wrong)} of {len(proofs)} judgements are as they must be.")
    return 1 if wrong else 0
