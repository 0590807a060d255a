"""llama-cpp-python in a process of the bench; see `engine`. Its own interpreter runs this file, which imports nothing of ours.

Arguments: the GGUF file, the threads, "cpu" for CPU seconds (else "wall"), the window, and "lookup" for its own prompt lookup
decoding (else "plain").
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from operator import sub
from typing import Any


def main() -> None:
    """Load the model, then answer each line."""
    path, threads, window, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[4]), sys.argv[5]
    clock = time.process_time if sys.argv[3] == "cpu" else time.perf_counter
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    llama_cpp, speculative = map(importlib.import_module, ("llama_cpp", "llama_cpp.llama_speculative"))
    draft_model = speculative.LlamaPromptLookupDecoding(num_pred_tokens=10) if kind == "lookup" else None
    has_drafts = draft_model is not None  # it verifies them by the logits of all tokens, for which it makes no room by itself
    model = llama_cpp.Llama(
        path,
        n_ctx=window,
        n_threads=threads,
        n_threads_batch=threads,
        draft_model=draft_model,
        logits_all=has_drafts,
        verbose=False,
    )
    print(json.dumps({"llama-cpp-python": llama_cpp.__version__}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _reply(clock, model, request) if request["do"] == "reply" else _peak()
        print(json.dumps(answer), file=answers, flush=True)


def _reply(clock: Callable[[], float], model: Any, request: Any) -> Any:
    """Decode greedily; the states of the longest common prefix with what it read and said last are kept, as is its default."""
    start, times, tokens = clock(), [], []
    steps = model.generate(request["tokens"], temp=0.0)
    for token in steps:
        times.append(clock() - start)
        tokens.append(int(token))
        if len(tokens) == request["num_tokens"]:
            break
    steps.close()
    longest = max(map(sub, times[1:], times), default=0.0)
    return {"first_token_seconds": times[0], "longest_wait_seconds": longest, "seconds": times[-1], "tokens": tokens}


def _peak() -> float:
    import resource  # noqa: PLC0415 - Windows has none, and every command imports this module

    unit = 1 if sys.platform == "darwin" else 1024
    return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()
