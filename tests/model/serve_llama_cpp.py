"""Serve a GGUF file by llama.cpp's own HTTP server until killed: `python serve_llama_cpp.py FILE PORT WINDOW KEY`."""

from __future__ import annotations

import signal
import sys

import xllamacpp


def main(file: str, port: str, window: str, key: str) -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = file
    parameters.model_alias = {"tiny-coder"}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.n_ctx = int(window)
    parameters.n_parallel = 1
    parameters.n_batch = 64  # a cancelled prompt goes on to the end of its batch
    parameters.api_keys = [key]
    server = xllamacpp.Server(parameters)
    signal.pause()
    del server  # until here it serves


if __name__ == "__main__":
    main(*sys.argv[1:])
