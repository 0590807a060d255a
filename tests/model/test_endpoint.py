"""EndpointModel against two real servers: llama.cpp's own with the real 0.5B model, transformers' with a tiny random one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from model_servers import ModelServer, free_port, llama_cpp, transformers_serve
from tiny_models import save_tiny

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelError, ModelLoadError
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.catalogue import find
from jupyter_oci.model.download import default_cache_dir, fetch
from jupyter_oci.model.endpoint import EndpointModel

pytestmark = pytest.mark.timeout(600)

LONG = SamplingParams(max_tokens=30_000)
HELLO = [Message("user", "Count from 1 to 1000, one number a line, without leaving any out.")]


@pytest.fixture(scope="module")
def llama() -> Iterator[ModelServer]:
    pytest.importorskip("xllamacpp", reason="pip install xllamacpp brings llama.cpp's server")
    with llama_cpp(fetch(find("qwen2.5-coder-0.5b-instruct"), default_cache_dir(), lambda *_: None)) as server:
        yield server


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    pytest.importorskip("fastapi", reason="pip install 'transformers[serving]' brings what transformers serve needs")
    folder = save_tiny(tmp_path_factory.mktemp("served"), max_position_embeddings=32768)
    with transformers_serve(folder, tmp_path_factory.mktemp("hub")) as server:
        yield server


@pytest.fixture(params=[pytest.param("llama", marks=pytest.mark.real_model), "serve"])
def server(request: pytest.FixtureRequest) -> ModelServer:
    return request.getfixturevalue(request.param)


def model_of(server: ModelServer, **options: Any) -> EndpointModel:
    return EndpointModel(
        ModelConfig(name=server.address, **{"endpoint_key": server.key, "endpoint_window": server.window, **options})
    )


def finished(steps: Any) -> tuple[list[Any], Any]:
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value


def window_of(model: EndpointModel) -> int:
    return finished(model.load())[1]


def text_of(said: list[Any]) -> str:
    return "".join(item for item in said if isinstance(item, str))


def first_text(steps: Any) -> str:
    return next(item for item in steps if isinstance(item, str))


def test_a_reply_streams_in_pieces_and_says_what_it_cost(server: ModelServer) -> None:
    said, usage = finished(model_of(server).generate(HELLO, SamplingParams(max_tokens=16)))
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert phases == ["thinking", "loading", "writing"]
    assert len([item for item in said if isinstance(item, str)]) > 1
    assert text_of(said)
    assert usage.stop_reason == "length"
    assert usage.completion_tokens == 16
    assert usage.prompt_tokens > 8


def test_a_greedy_reply_is_the_same_each_time(server: ModelServer) -> None:
    model = model_of(server)
    first, second = (text_of(finished(model.generate(HELLO, SamplingParams(max_tokens=12)))[0]) for _ in range(2))
    assert first == second


def test_closing_a_reply_stops_the_server(server: ModelServer) -> None:
    model = model_of(server)
    reply = model.generate(HELLO, LONG)
    first_text(reply)
    reply.close()
    assert server.becomes_idle()


def test_enough_ends_the_reply_and_stops_the_server(server: ModelServer) -> None:
    model = model_of(server)
    reply = model.generate(HELLO, LONG)
    first_text(reply)
    with pytest.raises(StopIteration) as end:
        reply.send(True)
    usage: Usage = end.value.value
    assert usage.stop_reason == "enough"
    assert usage.completion_tokens >= 1
    assert server.becomes_idle()


@pytest.mark.real_model
def test_a_stop_before_the_first_word_stops_the_server(llama: ModelServer) -> None:
    model = model_of(llama)
    window_of(model)
    reply = model.generate([Message("user", "word and " * 1200)], LONG)
    for _ in range(20):
        assert not isinstance(next(reply), str)
    reply.close()
    assert llama.becomes_idle()


@pytest.mark.real_model
def test_the_window_is_the_one_that_the_server_tells(llama: ModelServer) -> None:
    assert window_of(model_of(llama)) == 4096


def test_a_window_that_is_set_holds(serve: ModelServer) -> None:
    assert window_of(model_of(serve, endpoint_window=9000)) == 9000


@pytest.mark.real_model
def test_tokens_are_counted_by_the_server(llama: ModelServer) -> None:
    assert model_of(llama).count_tokens(["", "def mean(values):", "def mean(values):", "7" * 50]) == [0, 4, 4, 50]


def test_without_a_tokenizer_at_the_server_tokens_are_estimated_high(serve: ModelServer) -> None:
    assert model_of(serve).count_tokens(["", "import pandas as pd\n"]) == [0, 7]


@pytest.mark.real_model
def test_a_prompt_beyond_the_window_is_refused(llama: ModelServer) -> None:
    flood = [Message("user", "word " * 6000)]
    with pytest.raises(ContextOverflow, match="4,096"):
        finished(model_of(llama).generate(flood, LONG))
    with pytest.raises(ContextOverflow, match="does not fit the window"):
        finished(model_of(llama, endpoint_window=100_000).generate(flood, LONG))


@pytest.mark.real_model
@pytest.mark.parametrize(("key", "words"), [("wrong", "does not accept the key"), ("", "wants a key")])
def test_a_wrong_key_is_said(llama: ModelServer, key: str, words: str) -> None:
    model = model_of(llama, endpoint_key=key)
    with pytest.raises(ModelLoadError, match=words) as error:
        window_of(model)
    assert "JUPYTER_OCI_ENDPOINT_KEY" in str(error.value)
    assert model.card()["state"] == "failed"


@pytest.mark.real_model
def test_the_key_is_in_no_log_and_no_text(llama: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    config = ModelConfig(name=llama.address, endpoint_key=llama.key)
    model = EndpointModel(config)
    finished(model.generate(HELLO, SamplingParams(max_tokens=2)))
    assert caplog.text
    assert llama.key not in caplog.text + repr(config) + repr(vars(model))


def test_a_wrong_model_is_said_with_the_cause(serve: ModelServer) -> None:
    with pytest.raises(ModelLoadError, match=r"has no model 'other'.*pinned"):
        window_of(EndpointModel(ModelConfig(name=f"{serve.base}#other")))


def test_a_wrong_path_is_said(serve: ModelServer) -> None:
    with pytest.raises(ModelLoadError, match="mostly ends in /v1"):
        window_of(EndpointModel(ModelConfig(name=serve.base.replace("/v1", "/v2"))))


def test_https_where_there_is_none_is_said(serve: ModelServer) -> None:
    with pytest.raises(ModelLoadError, match="does not speak TLS"):
        window_of(EndpointModel(ModelConfig(name=serve.base.replace("http:", "https:"))))


def test_a_server_that_is_not_there_is_tried_again_then_said() -> None:
    steps, said = EndpointModel(ModelConfig(name=f"http://127.0.0.1:{free_port()}")).load(), []
    with pytest.raises(ModelLoadError, match="Nothing answers at 127"):
        said.extend(steps)
    waits = [step.detail[-12:] for step in said if isinstance(step, StatusChanged) and step.phase == "queued"]
    assert waits == ["again in 1 s", "again in 2 s", "again in 4 s"]


def test_a_server_that_dies_in_the_reply_is_said(tmp_path: Any) -> None:
    pytest.importorskip("fastapi", reason="pip install 'transformers[serving]'")
    import psutil

    folder = save_tiny(tmp_path / "weights", max_position_embeddings=32768)
    with transformers_serve(folder, tmp_path / "hub") as server:
        reply = model_of(server).generate(HELLO, LONG)
        first_text(reply)
        psutil.Process(server.pid).kill()
        with pytest.raises(ModelError, match="ended the reply before its end"):
            finished(reply)


def test_nothing_of_torch_is_loaded() -> None:
    code = "import sys, jupyter_oci.model.endpoint; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
