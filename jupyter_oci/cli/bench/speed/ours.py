"""Our model in a process of the bench; see `engine`.

Arguments: the model's file or folder, the folder for its quantised weights, the threads, and "cpu" for CPU seconds (else "wall").
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from operator import sub
from pathlib import Path
from typing import Any

import torch
import transformers

from ....config import SamplingParams
from ....model.base import Message
from ....model.checkpoint import Checkpoint
from ....model.decode import Decoder
from ....model.hardening import harden
from ....model.local import LocalModel
from ....model.prepared import prepare
from ....model.sampling import Sampler
from . import reads


def main() -> None:
    """Load the model, then answer each line."""
    path, cache_dir, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    clock = time.process_time if sys.argv[4] == "cpu" else time.perf_counter
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    harden()  # as the worker does
    model = LocalModel.load(path, threads, cache_dir, lambda *_: None, 8192, "cpu")
    kinds: dict[str, Callable[[LocalModel, Any], Any]] = {
        "encode": _encode,
        "reply": partial(_reply, clock),
        "candidates": partial(_candidates, clock),
        "peak": _peak,
        "memory": _memory,
    }
    folder = prepare(Checkpoint.find(path), cache_dir, lambda *_: None, 4)
    facts = {"folder": str(folder), "torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps(facts), file=answers, flush=True)
    while model.calibrate():  # as it does in the worker while nobody asks
        pass
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(kinds[request["do"]](model, request)), file=answers, flush=True)


def _encode(model: LocalModel, request: Any) -> Any:
    """Give the tokens of each chat and text, and those that end a reply."""
    template = model.template
    return {
        "chats": [template.encode([Message(**message) for message in chat]) for chat in request["chats"]],
        "texts": [template.encode_text(text) for text in request["texts"]],
        "stop": sorted(template.stop_tokens()),
    }


def _reply(clock: Callable[[], float], model: LocalModel, request: Any) -> Any:
    assert isinstance(model.decoder, Decoder), "it was loaded for the CPU"
    start, times, tokens = clock(), list[float](), list[int]()
    drafts = request["drafts"]
    bits = model.decoder.bits_for(request.get("written_as_with", drafts))
    steps = model.decoder.generate(request["tokens"], Sampler(SamplingParams()), drafts, lambda: False, bits)
    for step in steps:
        times.append(clock() - start)
        tokens += step
        if len(tokens) >= request["num_tokens"]:
            break
    steps.close()
    longest = max(map(sub, times[1:], times), default=0.0)
    taken = {"first_token_seconds": times[0], "longest_wait_seconds": longest, "seconds": times[-1]}
    return {**taken, "tokens": tokens[: request["num_tokens"]]}


def _candidates(clock: Callable[[], float], model: LocalModel, request: Any) -> float:
    """Give the tokens per second, of all together, that some candidates of a prompt are written with."""
    samplers = [Sampler(SamplingParams())] * request["num_candidates"]
    steps = model.decoder.candidates([request["tokens"]] * len(samplers), samplers, lambda _: False, lambda: False)
    next(steps)
    start = clock()
    for _ in range(request["num_tokens"]):
        next(steps)
    seconds = clock() - start
    steps.close()
    return float(len(samplers) * request["num_tokens"] / seconds)


def _peak(model: LocalModel, request: Any) -> float:
    import resource  # noqa: PLC0415 - Windows has none, and every command imports this module

    unit = 1 if sys.platform == "darwin" else 1024
    return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _memory(model: LocalModel, request: Any) -> Any:
    """Give the bytes that a token reads, of our 4 bits and of the GGUF file."""
    gguf_file = request["gguf_file"]
    return {
        "prepared": reads.of_prepared(Path(request["folder"])),
        "gguf": reads.of_gguf(Path(gguf_file)) if gguf_file else None,
    }


if __name__ == "__main__":
    main()
