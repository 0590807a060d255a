from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import tiny_tokenizer
from tokenizers import AddedToken
from transformers import PreTrainedTokenizerFast

from jupyter_oci.errors import ModelLoadError
from jupyter_oci.model import templates
from jupyter_oci.model.base import Message
from jupyter_oci.model.families import TemplateChoice
from jupyter_oci.model.templates import ChatTemplate

CHAT = [Message("system", "Be brief."), Message("user", "Sum it."), Message("assistant", "sum(x)"), Message("user", "Again.")]
CONTROLS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<tool_call>"]
FIRST = ": {{ messages[0].content }}"
# As Gemma's and the first of Mistral's: no system, and user and assistant by turns.
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{{ '<|im_start|>' + message.role + '\n' + message.content | trim + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# As the later ones of Mistral's: a system's turn may come first.
BY_TURNS = (
    "{% if messages[0].role == 'system' %}{{ '[SYSTEM]' + messages[0].content + '[/SYSTEM]' }}{% set messages = messages[1:] %}"
    "{% endif %}" + NO_SYSTEM
)
SILENT = "{% for message in messages if message.role != 'system' %}[{{ message.content }}]{% endfor %}"
TOKENIZER = tiny_tokenizer()
TEMPLATE = ChatTemplate(tiny_tokenizer())
WITHOUT_SYSTEM = ChatTemplate(tiny_tokenizer(NO_SYSTEM))
CONTROL_IDS = set(tiny_tokenizer().convert_tokens_to_ids(CONTROLS))


def family_tokenizer(*controls: str) -> PreTrainedTokenizerFast:
    tokenizer = tiny_tokenizer(chat_template=None)
    tokenizer.add_tokens([AddedToken(control, special=True) for control in controls], special_tokens=True)
    return tokenizer


def render(tokenizer: PreTrainedTokenizerFast, model_type: str, **rope: float) -> str:
    return ChatTemplate.of(tokenizer, SimpleNamespace(model_type=model_type, rope_parameters=rope)).render(CHAT)


def test_the_tokenizer_s_own_template_is_taken() -> None:
    assert (
        TEMPLATE.render(CHAT[:2])
        == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nSum it.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_deepseek_family() -> None:
    tokenizer = family_tokenizer("<|begin|>", "<|EOT|>")
    tokenizer.bos_token, tokenizer.eos_token = "<|begin|>", "<|EOT|>"
    assert render(tokenizer, "llama") == (
        "<|begin|>Be brief.### Instruction:\nSum it.\n### Response:\nsum(x)\n<|EOT|>\n### Instruction:\nAgain.\n### Response:\n"
    )


def test_the_code_llama_family() -> None:
    tokenizer = family_tokenizer("<s>", "</s>")
    tokenizer.bos_token, tokenizer.eos_token = "<s>", "</s>"
    assert render(tokenizer, "llama", rope_theta=1e6) == (
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nSum it. [/INST] sum(x) </s><s>[INST] Again. [/INST]"
    )


def test_the_starcoder_family() -> None:
    tokenizer = family_tokenizer()
    tokenizer.eos_token = "<|endoftext|>"
    end = "<|endoftext|>"
    assert render(tokenizer, "starcoder2") == f"Be brief.{end}Sum it.{end}sum(x){end}Again.{end}"


def test_the_gemma_family() -> None:
    assert render(family_tokenizer(), "gemma").endswith("<|im_start|>user\nAgain.<|im_end|>\n<|im_start|>assistant\n")


def test_a_model_of_no_known_family_without_template_is_refused() -> None:
    with pytest.raises(ModelLoadError, match="no chat template"):
        render(family_tokenizer(), "llama", rope_theta=1e4)


def test_every_known_end_of_a_reply_is_a_stop_token() -> None:
    tokenizer = family_tokenizer("<|EOT|>", "</s>")
    stops = ChatTemplate(tokenizer, "{{ messages[0].content }}").stop_tokens()
    assert stops == set(tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>", "<|EOT|>", "</s>"]))


def test_harmless_messages_are_encoded_as_the_rendered_whole() -> None:
    rendered = tiny_tokenizer()(TEMPLATE.render(CHAT), add_special_tokens=False)["input_ids"]
    assert TEMPLATE.encode(CHAT) == rendered


pieces = st.lists(st.one_of(st.sampled_from([*CONTROLS, "<|im_", "end|>", "<", "\ufdd00\ufdd1", "{{ x }}"]), st.text(max_size=5)))


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


@unhurried
@given(pieces.map("".join))
def test_written_text_never_becomes_a_control_token(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    tokens = TEMPLATE.encode_text(text)
    assert not CONTROL_IDS & set(tokens)
    assert TOKENIZER.decode(tokens) == text


@unhurried
@given(pieces.map("".join), pieces.map("".join))
def test_a_prompt_holds_only_the_control_tokens_of_its_template(first: str, second: str) -> None:
    chat = [
        Message("user", first.encode("utf-8", "replace").decode()),
        Message("user", second.encode("utf-8", "replace").decode()),
    ]
    controls = [token for token in TEMPLATE.encode(chat) if token in CONTROL_IDS]
    assert TOKENIZER.convert_ids_to_tokens(controls) == ["<|im_start|>", "<|im_end|>"] * 2 + ["<|im_start|>"]


def test_a_template_that_trims_contents_still_does() -> None:
    trimming = "{% for message in messages %}[{{ message.content | trim }}]{% endfor %}"
    tokens = ChatTemplate(tiny_tokenizer(trimming)).encode([Message("user", "  padded \n"), Message("user", "not")])
    assert tiny_tokenizer().decode(tokens) == "[padded][not]"


LONG_CHAT = [*CHAT, Message("user", "No,\tmore."), Message("assistant", "Yes."), Message("user", "End.")]


def test_a_template_without_a_system_s_turn_gets_those_words_in_the_first_one_of_the_user_s() -> None:
    prompt = ChatTemplate(tiny_tokenizer(NO_SYSTEM)).render(LONG_CHAT)
    turns = [("user", "Be brief.\n\nSum it."), ("assistant", "sum(x)"), ("user", "Again.\n\nNo,\tmore.")]
    turns += [("assistant", "Yes."), ("user", "End.")]
    assert prompt == "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns) + "<|im_start|>assistant\n"


def test_a_template_that_wants_user_and_assistant_by_turns_keeps_its_system() -> None:
    prompt = ChatTemplate(tiny_tokenizer(BY_TURNS)).render(LONG_CHAT)
    assert prompt.startswith("[SYSTEM]Be brief.[/SYSTEM]<|im_start|>user\nSum it.<|im_end|>")
    assert "Again.\n\nNo,\tmore." in prompt


def test_a_template_that_drops_the_system_s_words_in_silence_gets_them_from_the_user() -> None:
    assert ChatTemplate(tiny_tokenizer(SILENT)).render(CHAT) == "[Be brief.\n\nSum it.][sum(x)][Again.]"


@pytest.mark.parametrize(
    ("template", "reason"),
    [("{{ raise_exception('Only tools are supported') }}", "Only tools are supported"), ("Hello.", "leaves out"), ("{{", "")],
)
def test_a_template_that_takes_no_chat_is_refused_when_the_model_is_loaded(template: str, reason: str) -> None:
    with pytest.raises(ModelLoadError, match=rf"cannot be used \(.*{reason}.*\)\. Choose another model, or a template for it"):
        ChatTemplate(tiny_tokenizer(template))


@unhurried
@given(pieces.map("".join), pieces.map("".join))
def test_words_that_moved_into_another_turn_hold_no_control_token(first: str, second: str) -> None:
    words = [text.encode("utf-8", "replace").decode() for text in (first, second)]
    tokens = WITHOUT_SYSTEM.encode([Message("system", words[0]), Message("user", words[1]), Message("user", words[0])])
    controls = [token for token in tokens if token in CONTROL_IDS]
    assert TOKENIZER.convert_ids_to_tokens(controls) == ["<|im_start|>", "<|im_end|>", "<|im_start|>"]


def test_a_template_that_was_chosen_comes_first_and_that_of_the_catalogue_after_the_tokenizers_own() -> None:
    config = SimpleNamespace(model_type="llama", rope_parameters={"rope_theta": 1e4})  # of no family by its files alone
    choice = TemplateChoice(chosen=f"chosen{FIRST}", fallback=f"fallback{FIRST}")
    fallback = TemplateChoice(fallback=f"fallback{FIRST}")
    assert ChatTemplate.of(tiny_tokenizer(), config, choice).render(CHAT) == "chosen: Be brief."
    assert ChatTemplate.of(tiny_tokenizer(f"own{FIRST}"), config, fallback).render(CHAT) == "own: Be brief."
    assert ChatTemplate.of(family_tokenizer(), config, fallback).render(CHAT) == "fallback: Be brief."


def test_a_template_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "SECONDS", 0.2)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}"
    with pytest.raises(ModelLoadError, match=r"has not ended after 2 seconds.*Choose another model"):
        ChatTemplate(family_tokenizer(), loop)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    harmless = ChatTemplate(family_tokenizer(), "{{ messages[0].content }}")
    assert harmless.render([Message("user", "hi")]) == "hi"
