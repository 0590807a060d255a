"""What EndpointModel makes of overload, cut replies, nonsense, redirects and certificates."""

from __future__ import annotations

import errno
import ssl
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from faulty_server import DONE, Asked, chunk, faulty

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ConfigError, ContextOverflow, ModelError, ModelLoadError
from jupyter_oci.events import StatusChanged
from jupyter_oci.model import endpoint_count, endpoint_facts
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.endpoint import EndpointModel
from jupyter_oci.model.endpoint_address import Address
from jupyter_oci.model.endpoint_key import VARIABLE, take_key
from jupyter_oci.server.offer import Offer

HELLO = [Message("user", "Hello")]


def fine(asked: Asked) -> None:
    asked.stream(chunk("Hel"), chunk("lo", "stop"), DONE)


def said_by(base: str, **options: Any) -> tuple[list[Any], Usage]:
    steps = EndpointModel(ModelConfig(name=base, **options)).generate(HELLO, SamplingParams(64))
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value


def text_of(reply: Callable[[Asked], None]) -> str:
    with faulty(reply) as (base, _):
        return "".join(item for item in said_by(base)[0] if isinstance(item, str))


def failure_of(reply: Callable[[Asked], None]) -> ModelError:
    with faulty(reply) as (base, _), pytest.raises(ModelError) as error:
        said_by(base)
    return error.value


def test_where_no_event_loop_can_be_made_the_reply_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("asyncio.events.new_event_loop", too_many)
    with pytest.raises(OSError, match="Too many open files"):
        said_by("http://localhost:9/v1")


def never(asked: Asked) -> None:
    time.sleep(20)


@pytest.mark.parametrize("other", [Asked.hang_up, never])
def test_a_server_that_hangs_up_at_other_questions_or_never_answers_them_is_used(
    other: Callable[[Asked], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_facts, "_PATIENCE", 0.2)
    with faulty(fine, other=other) as (base, seen):
        said, usage = said_by(f"{base}#other/second")
        assert {"/props", "/api/show", "/tokenize"} <= {asked.path for asked in seen}
    assert ("".join(item for item in said if isinstance(item, str)), usage.stop_reason) == ("Hello", "stop")


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_server_is_asked_again_when_it_says_so(status: int) -> None:
    refusals = [status, status]

    def at_last(asked: Asked) -> None:
        asked.json({}, refusals.pop(), Retry_After="0") if refusals else fine(asked)

    with faulty(at_last) as (base, _):
        said, usage = said_by(base)
    assert [item.phase for item in said if isinstance(item, StatusChanged)].count("queued") == 2
    assert "".join(item for item in said if isinstance(item, str)) == "Hello"
    assert usage.stop_reason == "stop"


def test_a_server_that_stays_overloaded_is_given_up() -> None:
    asked_for: list[Asked] = []

    def busy(asked: Asked) -> None:
        asked_for.append(asked)
        asked.json({"error": {"message": "too many"}}, 429, Retry_After="0")

    error = failure_of(busy)
    assert "overloaded (429)" in str(error)
    assert "too many" in str(error)
    assert len(asked_for) == 4


def test_a_wait_that_is_too_long_is_not_waited_for() -> None:
    assert "overloaded (503)" in str(failure_of(lambda asked: asked.json({}, 503, Retry_After="3600")))


def test_a_reply_that_has_begun_is_not_asked_for_again() -> None:
    replies: list[Asked] = []

    def cut(asked: Asked) -> None:
        replies.append(asked)
        asked.stream(chunk("Hel"), cut=True)

    assert "ended the reply before its end" in str(failure_of(cut))
    assert len(replies) == 1


@pytest.mark.parametrize("lines", [(), (chunk("Hel"),), (DONE,)])
def test_a_reply_without_an_end_is_no_reply(lines: tuple[bytes, ...]) -> None:
    assert "ended the reply before its end" in str(failure_of(lambda asked: asked.stream(*lines)))


@pytest.mark.parametrize("line", [b"data: {not json\n\n", b"data: [1, 2]\n\n", b"data: " + b"x" * (1 << 21)])
def test_nonsense_in_a_stream_is_said(line: bytes) -> None:
    assert "not as an OpenAI-compatible server" in str(failure_of(lambda asked: asked.stream(line)))


def test_a_web_page_is_no_reply() -> None:
    page = failure_of(lambda asked: asked.whole(b"<html>Welcome</html>", Content_Type="text/html"))
    assert "not as an OpenAI-compatible server" in str(page)


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"error": {"message": "out of GPU memory"}}',
        b'data: {"object": "error", "message": "out of GPU memory", "code": 500}',
        b'event: error\ndata: {"message": "out of GPU memory"}',
    ],
)
def test_an_error_in_the_stream_is_said_in_the_servers_words(event: bytes) -> None:
    assert "out of GPU memory" in str(failure_of(lambda asked: asked.stream(chunk("Hel"), event + b"\n\n")))


@pytest.mark.parametrize(
    "lines", [(chunk("Hello"), DONE), (chunk("Hello", ""), DONE), (chunk("Hel"), chunk("lo", "stop").rstrip())]
)
def test_a_reply_is_whole_that_the_server_says_is_done_or_that_lacks_its_last_line_end(lines: tuple[bytes, ...]) -> None:
    assert text_of(lambda asked: asked.stream(*lines)) == "Hello"


def test_of_content_in_parts_the_text_is_taken() -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]
    parts = [thinking, [{"type": "text", "text": "Hel"}, {"type": "reference", "reference_ids": [1]}], "lo"]
    assert text_of(lambda asked: asked.stream(*(chunk(part) for part in parts), chunk("", "stop"), DONE)) == "Hello"


@pytest.mark.parametrize(("reason", "words"), [("content_filter", "content filter"), ("tool_calls", "called a tool")])
def test_why_there_is_no_answer_is_said(reason: str, words: str) -> None:
    assert words in str(failure_of(lambda asked: asked.stream(chunk("", reason), DONE)))
    assert text_of(lambda asked: asked.stream(chunk("Hello", reason), DONE)) == "Hello"


NO_LONGER = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
REFUSALS: list[tuple[str, Any]] = [
    ("stream_options", {"error": {"message": "Unknown parameter: 'stream_options'.", "param": "stream_options"}}),
    ("stream_options", {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}),
    ("max_tokens", {"error": {"message": NO_LONGER}}),
    ("temperature", {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model."}}),
]


@pytest.mark.parametrize(("name", "refusal"), REFUSALS)
def test_what_a_server_does_not_take_is_left_out_from_then_on(name: str, refusal: Any) -> None:
    with faulty(lambda asked: asked.json(refusal, 400) if name in asked.body else fine(asked)) as (base, seen):
        model = EndpointModel(ModelConfig(name=base))
        said = ["".join(item for item in model.generate(HELLO, SamplingParams(8)) if isinstance(item, str)) for _ in range(2)]
        bodies = [asked.body for asked in seen if asked.path.endswith("/chat/completions")]
    assert said == ["Hello", "Hello"]
    assert [name in body for body in bodies] == [True, False, False]
    assert [body.get("max_completion_tokens") for body in bodies[1:]] == [8 if name == "max_tokens" else None] * 2


def test_what_is_refused_all_the_same_is_said() -> None:
    refusal = {"error": {"message": "Unknown parameter: 'seed'."}}
    assert "Unknown parameter: 'seed'" in str(failure_of(lambda asked: asked.json(refusal, 400)))


def test_a_window_that_is_too_small_is_known_by_the_servers_words() -> None:
    vllm = {"error": {"message": "This model's maximum context length is 512 tokens.", "code": 400}}
    assert isinstance(failure_of(lambda asked: asked.json(vllm, 400)), ContextOverflow)


def roles_of(asked: Asked) -> list[str]:
    return [message["role"] for message in asked.body["messages"]]


@pytest.mark.parametrize(
    ("status", "words"), [(400, "System role not supported"), (500, "Jinja Exception: roles must alternate")]
)
def test_a_server_whose_template_knows_no_system_is_asked_without_one_from_then_on(status: int, words: str) -> None:
    def picky(asked: Asked) -> None:
        fine(asked) if roles_of(asked) == ["user"] else asked.json({"error": {"message": words}}, status)

    chat = [Message("system", "Be brief."), Message("user", "Sum it.")]
    with faulty(picky) as (base, seen):
        model = EndpointModel(ModelConfig(name=base))
        said = ["".join(item for item in model.generate(chat, SamplingParams(8)) if isinstance(item, str)) for _ in range(2)]
        asked = [request for request in seen if request.path.endswith("/chat/completions")]
    assert said == ["Hello", "Hello"]
    assert [roles_of(request) for request in asked] == [["system", "user"], ["user"], ["user"]]
    assert asked[1].body["messages"] == [{"role": "user", "content": "Be brief.\n\nSum it."}]


def test_a_server_that_refuses_both_is_asked_twice_and_no_more() -> None:
    refused: list[Asked] = []

    def picky(asked: Asked) -> None:
        refused.append(asked)
        asked.json({"error": {"message": "No chat template is set."}}, 400)

    assert "No chat template is set" in str(failure_of(picky))
    assert len(refused) == 2


def test_characters_that_end_lines_elsewhere_stay_in_the_text() -> None:
    text = "a\u2028b\u0085c\x0cd"
    assert text_of(lambda asked: asked.stream(chunk(text), chunk("", "stop"), DONE)) == text


def test_an_event_may_come_in_pieces() -> None:
    whole = chunk("Grüße", "stop")
    assert text_of(lambda asked: asked.stream(*(whole[i : i + 1] for i in range(len(whole))), DONE)) == "Grüße"


def test_the_key_goes_to_the_server_and_a_redirect_is_not_followed() -> None:
    with (
        faulty(fine) as (elsewhere, seen_elsewhere),
        faulty(lambda asked: asked.whole(b"", 307, Location=f"{elsewhere}/chat/completions")) as (base, seen),
        pytest.raises(ModelError, match=r"refuses \(307\)"),
    ):
        said_by(base, endpoint_key="secret")
    assert {asked.headers["Authorization"] for asked in seen} == {"Bearer secret"}
    assert seen_elsewhere == []


def test_the_first_model_is_taken_and_its_window_bounds_the_reply() -> None:
    with faulty(fine) as (base, seen):
        model = EndpointModel(ModelConfig(name=base))
        list(model.generate([Message("user", "Hello")], SamplingParams(10_000)))
    assert seen[-1].body["model"] == "faulty"
    assert seen[-1].body["max_tokens"] < 4096
    assert seen[-1].body["messages"] == [{"role": "user", "content": "Hello"}]


def test_a_certificate_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with faulty(fine, tls) as (base, _):
        with pytest.raises(ModelLoadError, match=r"certificate of localhost.* is not trusted.*SSL_CERT_FILE"):
            said_by(base)
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert said_by(base)[1].stop_reason == "stop"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://proxy.example:1080"),
        ("NO_PROXY", "localhost,fd00::/8"),
        ("HTTPS_PROXY", "ftp://proxy.example"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_and_lists_go_on(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv(variable, value)
    with pytest.raises(ModelError, match=r"proxy for models\.example cannot be used .*NO_PROXY where Jupyter starts"):
        said_by("https://models.example/v1")
    offer = Offer(Address.parse("https://models.example/v1"), "")
    assert [spec.host for spec in offer.specs()] == ["models.example"]
    assert "proxy" in offer.failure


def test_a_model_that_is_closed_ends_the_reply_and_asks_no_more() -> None:
    with faulty(never) as (base, seen):
        model = EndpointModel(ModelConfig(name=base))
        steps = model.generate([Message("user", "Hello")], SamplingParams(64))
        while not any(asked.path.endswith("/chat/completions") for asked in seen):
            next(steps)
        model.close()
        before = len(seen)
        for reply in (steps, model.generate([Message("user", "Hello")], SamplingParams(64))):
            with pytest.raises(ModelError, match="The model was closed"):
                list(reply)
        assert len(seen) == before


def test_a_stop_while_it_waits_to_try_again_is_prompt() -> None:
    with faulty(lambda asked: asked.json({}, 503, Retry_After="29")) as (base, _):
        steps = EndpointModel(ModelConfig(name=base)).generate([Message("user", "Hello")], SamplingParams(64))
        while not (isinstance(step := next(steps), StatusChanged) and step.phase == "queued"):
            pass
        steps.close()
    assert step.detail.endswith("29 s")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("HTTP://Host:8000/v1/", "http://host:8000/v1"),
        ("http://h/v1/chat/completions#a/b", "http://h/v1#a/b"),
        ("https://gateway/llm/api/v3#m:latest", "https://gateway/llm/api/v3#m:latest"),
    ],
)
def test_an_address_is_read_as_it_is_written(text: str, read: str) -> None:
    assert str(Address.parse(text)) == read


@pytest.mark.parametrize(
    "text", ["http://user:pass@host/v1", "http://host/v1?key=1", "http://", "http://h:99999", "ftp://host", "http://[::1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        Address.parse(text)


def test_what_stays_on_this_machine_is_known() -> None:
    local = [Address.parse(f"http://{host}/v1").is_local for host in ("localhost:1", "127.0.0.9", "[::1]:80")]
    other = [Address.parse(f"http://{host}/v1").is_local for host in ("10.0.0.1", "vllm:8000", "localhost.example")]
    assert (local, other) == ([True] * 3, [False] * 3)


def test_the_key_is_taken_out_of_the_environment(tmp_path: Any) -> None:
    environment = {VARIABLE: "from-environment", "PATH": "/bin"}
    assert take_key(environment) == "from-environment"
    assert environment == {"PATH": "/bin"}
    (tmp_path / "key").write_text("from-file\n")
    assert take_key({VARIABLE: "from-environment"}, str(tmp_path / "key")) == "from-file"
    with pytest.raises(ConfigError, match="cannot be read"):
        take_key({}, str(tmp_path / "none"))


@pytest.mark.parametrize("status", [429, 500])
def test_what_a_server_fails_to_count_is_estimated_and_it_is_left_alone(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    def other(asked: Asked) -> None:
        if asked.path != "/tokenize":
            return asked.unknown()
        counted.append(asked.body["prompt"])
        return asked.json({"count": 77}) if len(counted) <= 2 else asked.json({}, status)

    monkeypatch.setattr(endpoint_count, "_AT_ONCE", 1)
    with faulty(fine, other=other) as (base, _):
        model = EndpointModel(ModelConfig(name=base))
        list(model.load())
        assert model.count_tokens(["one", "two two", "three"]) == [77, 2, 2]
        assert counted == ["one two", "one", "two two"]
        assert model.count_tokens(["one", "two two", "four"]) == [77, 2, 1]
        assert len(counted) == 3
        monkeypatch.setattr(endpoint_count, "_PAUSE", 0.0)
        assert model.count_tokens(["four"]) == [1]
        assert len(counted) == 4
