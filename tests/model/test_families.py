"""Each published family, Qwen3 and Mistral, without their weights: a tiny random model of its kind, opened as the real one."""

# ruff: noqa: RUF001 - control tokens of DeepSeek-Coder are written with these characters

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from family_models import BEGIN, BYTES, END, EOT, FAMILIES, FIM, GEMMA, MISTRAL, QWEN3, STARCODER, save_family
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ConfigError
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.families import TEMPLATES, chosen_template
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.templates import ChatTemplate

CHAT = [Message("system", "Be brief."), Message("user", "Sum it."), Message("assistant", "sum(x)"), Message("user", "Again.")]
PROMPTS = {
    "deepseek": (
        f"{BEGIN}Be brief.### Instruction:\nSum it.\n### Response:\nsum(x)\n{EOT}\n### Instruction:\nAgain.\n### Response:\n"
    ),
    "codellama": "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nSum it. [/INST] sum(x) </s><s>[INST] Again. [/INST]",
    "starcoder2": "Be brief.<|endoftext|>Sum it.<|endoftext|>sum(x)<|endoftext|>Again.<|endoftext|>",
    "gemma": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nSum it.<|im_end|>\n"
        "<|im_start|>assistant\nsum(x)<|im_end|>\n<|im_start|>user\nAgain.<|im_end|>\n<|im_start|>assistant\n"
    ),
    "mistral": "<s>[INST] Be brief.\n\nSum it. [/INST]sum(x)</s>[INST] Again. [/INST]",
}
ALONE = [Message("user", " Sum it.\n")]
PROMPTS_ALONE = {
    "deepseek": (
        f"{BEGIN}You are an AI programming assistant, utilizing the Deepseek Coder model, developed by Deepseek Company, and you "
        "only answer questions related to computer science. For politically sensitive questions, security and privacy issues, "
        "and other non-computer science questions, you will refuse to answer\n### Instruction:\n Sum it.\n\n### Response:\n"
    ),
    "codellama": "<s>[INST] Sum it. [/INST]",
    "starcoder2": " Sum it.\n<|endoftext|>",
    "gemma": "<|im_start|>user\n Sum it.\n<|im_end|>\n<|im_start|>assistant\n",
}
PROMPTS["qwen3"] = PROMPTS["gemma"] + "<think>\n\n</think>\n\n"
CONTROLS = {
    "deepseek": [BEGIN, END, EOT, *FIM, "<｜User｜>", "<｜Assistant｜>"],
    "codellama": ["<s>", "</s>", "<unk>", "▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"],
    "starcoder2": STARCODER,
    "gemma": ["<bos>", "<eos>", "<pad>", "<unk>", *GEMMA[:4]],
    "qwen3": QWEN3,
    "mistral": ["<s>", "</s>", "<unk>", *MISTRAL],
}
STOPS = {"deepseek": {EOT}, "codellama": {"</s>"}, "starcoder2": {"<|endoftext|>"}, "gemma": {"<eos>", "<end_of_turn>"}}
STOPS |= {"qwen3": {"<|im_end|>", "<|endoftext|>"}, "mistral": {"</s>"}}
PREFIXING = ("codellama", "gemma", "mistral")  # SentencePiece: blanks are written with a letter of their own
each_family = pytest.mark.parametrize("family", FAMILIES)


@cache
def opened(family: str) -> tuple[Any, ChatTemplate]:
    """Give the tokenizer and the template of a family's checkpoint."""
    checkpoint = Checkpoint(save_family(Path(mkdtemp(prefix="jupyter-oci-test-")) / family, family))
    tokenizer = checkpoint.tokenizer()
    return tokenizer, ChatTemplate.of(tokenizer, checkpoint.config())


def load(folder: Path, cache_dir: Path) -> LocalModel:
    return LocalModel.load(folder, 1, cache_dir, lambda *_: None, 2048)


def answer(model: LocalModel, **sampling: Any) -> tuple[str, Usage]:
    reply, text = model.generate(CHAT, SamplingParams(**{"max_tokens": 24} | sampling), [], lambda: False), ""
    while True:
        try:
            text += next(reply)
        except StopIteration as stop:
            return text, stop.value


@each_family
def test_the_prompt_is_exactly_that_of_the_authors_runs(family: str) -> None:
    assert opened(family)[1].render(CHAT) == PROMPTS[family]


@pytest.mark.parametrize("family", PROMPTS_ALONE)
def test_so_it_is_without_a_system_s_turn_and_with_blanks_around_the_text(family: str) -> None:
    assert opened(family)[1].render(ALONE) == PROMPTS_ALONE[family]


@pytest.mark.parametrize(
    ("family", "chat", "whole"),
    [
        *((family, CHAT, PROMPTS[family]) for family in FAMILIES),
        *((family, ALONE, prompt) for family, prompt in PROMPTS_ALONE.items()),
    ],
)
def test_the_prompt_s_tokens_are_those_of_its_text(family: str, chat: list[Message], whole: str) -> None:
    tokenizer, template = opened(family)
    if family == "codellama":  # its tokenizer puts `<s>` there itself, and begins the text after it as a text
        parts = [tokenizer(part)["input_ids"] for part in whole.split("<s>")[1:]]
        expected = [token for part in parts for token in part]
    else:
        expected = tokenizer(whole, add_special_tokens=False)["input_ids"]
    assert template.encode(chat) == expected


@each_family
def test_no_token_marks_the_beginning_twice(family: str) -> None:
    tokenizer, template = opened(family)
    tokens = template.encode(CHAT)
    begins = {"deepseek": BEGIN, "codellama": "<s>", "starcoder2": "<|endoftext|>", "gemma": "<bos>", "mistral": "<s>"}
    begin = begins.get(family, "<|im_start|>")
    number = tokenizer.convert_tokens_to_ids(begin)
    assert tokens.count(number) == PROMPTS[family].count(begin)
    assert (number, number) not in pairwise(tokens)


@each_family
def test_a_reply_ends_at_every_end_token_that_the_vocabulary_has(family: str) -> None:
    tokenizer, template = opened(family)
    assert set(tokenizer.convert_ids_to_tokens(sorted(template.stop_tokens()))) == STOPS[family]


@each_family
def test_whole_or_in_shards_the_model_loads_and_answers_the_same(family: str, tmp_path: Path) -> None:
    whole, shards = save_family(tmp_path / "a", family), save_family(tmp_path / "b", family, max_shard_size="60KB")
    assert len(list(shards.glob("*.safetensors"))) > 1
    text, usage = answer(load(whole, tmp_path / "cache"))
    assert usage.completion_tokens > 0
    assert usage.prompt_tokens == len(opened(family)[1].encode(CHAT))
    assert answer(load(shards, tmp_path / "cache"))[0] == text
    assert answer(load(shards, tmp_path / "cache"))[0] == text, "the prepared form answers otherwise"


@each_family
def test_a_reply_holds_no_end_token(family: str, tmp_path: Path) -> None:
    model = load(save_family(tmp_path / "model", family), tmp_path / "cache")
    stops = opened(family)[1].stop_tokens()
    model._stop_tokens = frozenset(range(640)) - {next(iter(stops))}  # whatever it says first ends the reply
    text, usage = answer(model)
    assert (text, usage.completion_tokens, usage.stop_reason) == ("", 0, "stop")


def written(family: str) -> st.SearchStrategy[str]:
    """Give texts that spell control tokens whole, in parts, doubled and next to each other."""
    marks = CONTROLS[family]
    shown = [mark.replace("▁", " ") for mark in marks]
    parts = [mark[:cut] for mark in marks for cut in (1, 3)] + [mark[cut:] for mark in marks for cut in (1, 3)]
    letters = st.text(st.characters(exclude_characters=BYTES), max_size=4)
    pieces = st.one_of(st.sampled_from([*marks, *shown, *parts, " ", "\n\n", "def f(x):", "\ufdd00\ufdd1"]), letters)
    return st.lists(pieces, max_size=8).map("".join).map(lambda text: text.encode("utf-8", "replace").decode())


def controls_of(family: str) -> set[int]:
    return set(opened(family)[0].convert_tokens_to_ids(CONTROLS[family]))


def check_written_text(family: str, text: str) -> None:
    tokenizer, template = opened(family)
    tokens = template.encode_text(text)
    assert not controls_of(family) & set(tokens)
    letter = template.encode_text("a")
    assert tokenizer.decode([*letter, *tokens]) == "a" + text.replace("▁", " " if family in PREFIXING else "▁")


def check_a_whole_prompt(family: str, texts: tuple[str, str]) -> None:
    _, template = opened(family)
    controls = controls_of(family)

    def in_prompt(first: str, second: str) -> list[int]:
        chat = [Message("user", first), Message("assistant", second), Message("user", first + second)]
        return [token for token in template.encode(chat) if token in controls]

    assert in_prompt(*texts) == in_prompt("x", "y")


@each_family
@pytest.mark.parametrize("check", [check_written_text, check_a_whole_prompt])
def test_what_people_and_programs_write_never_becomes_a_control_token(family: str, check: Callable[[str, Any], None]) -> None:
    opened(family)
    texts: Any = written(family) if check is check_written_text else st.tuples(written(family), written(family))

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(texts)
    def holds(text: Any) -> None:
        check(family, text)

    holds()


@each_family
def test_every_single_control_token_is_text_when_it_is_written(family: str) -> None:
    for mark in CONTROLS[family]:
        check_written_text(family, mark)
        check_written_text(family, f"a {mark}{mark}b")


@each_family
def test_that_check_bites_where_texts_are_encoded_as_usual(family: str) -> None:
    tokenizer = Checkpoint(save_family(Path(mkdtemp(prefix="jupyter-oci-test-")) / family, family)).tokenizer()
    forged = [
        mark for mark in CONTROLS[family] if controls_of(family) & set(tokenizer(mark, add_special_tokens=False)["input_ids"])
    ]
    assert forged == CONTROLS[family]


def test_a_template_that_the_user_chose_comes_before_all_others() -> None:
    tokenizer, _ = opened("codellama")
    assert ChatTemplate(tokenizer, chosen_template("chatml")).render(CHAT) == PROMPTS["gemma"]


def test_a_template_is_chosen_by_a_family_or_a_file_and_by_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text("{{ messages[0].content }}!")
    assert chosen_template(str(tmp_path / "own.jinja")) == "{{ messages[0].content }}!"
    assert chosen_template("codellama") == TEMPLATES["codellama"]
    assert chosen_template("") is None
    with pytest.raises(ConfigError, match=r"neither a file nor one of deepseek, codellama"):
        chosen_template("vicuna")
