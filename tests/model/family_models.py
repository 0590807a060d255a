"""Tiny models of the published families, Qwen3 and Mistral: their architectures and kinds of tokenizers, laid out as theirs."""

# ruff: noqa: RUF001 - control tokens of DeepSeek-Coder are written with these characters

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import (
    AutoTokenizer,
    GemmaConfig,
    GemmaForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    Starcoder2Config,
    Starcoder2ForCausalLM,
)

CORPUS = [
    "def mean(values):\n    return sum(values) / len(values)\n",
    "### Instruction:\nWrite a function.\n### Response:\n```python\nimport pandas as pd\n```\n",
    "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nSum it. [/INST] The sum of the column. ",
    "for index in range(10):\n    print(index, 'end')  # the end of it\n<table><tr><td>1</td></tr></table>\n",
] * 8

BYTES = "õ÷Á"  # DeepSeek-Coder's tokenizer adds these letters; they stand for bytes, and are not decoded to themselves
BEGIN, END, EOT = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<|EOT|>"
FIM = ["<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>"]
STARCODER = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<repo_name>", "<file_sep>"]
GEMMA = ["<start_of_turn>", "<end_of_turn>", "<unused0>", "<2mass>", "<table>", "</table>", "\n\n", "▁▁", "▁▁▁▁"]
QWEN3 = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<tool_call>", "</tool_call>", "<think>", "</think>"]
MISTRAL = ["[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]"]
# What the model said aloud before earlier answers is left out; it says nothing aloud where that is not wanted.
QWEN3_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}"
    "{{ message.content.split('</think>')[-1] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
MISTRAL_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}"
    "{% else %}{{ message.content + eos_token }}{% endif %}{% endfor %}"
)


def deepseek(folder: Path) -> None:
    """Byte-level BPE whose configuration names Llama's class; single characters and control tokens are added, as published."""
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("[\r\n]"), "isolated"),
            pre_tokenizers.Split(Regex("\\s?\\p{L}+"), "isolated"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    _train(backend)
    backend.add_tokens([AddedToken(letter, normalized=True) for letter in BYTES])
    backend.add_special_tokens([BEGIN, END])
    backend.add_tokens([AddedToken(mark, normalized=False) for mark in (*FIM, "<｜User｜>", "<｜Assistant｜>", EOT)])
    backend.save(str(folder / "tokenizer.json"))
    _configure(folder, "LlamaTokenizerFast", bos_token=BEGIN, eos_token=EOT, pad_token=END, add_bos_token=True)


def code_llama(folder: Path) -> None:
    """SentencePiece, and nothing else: tokenizer.model without a tokenizer.json."""
    _sentencepiece(folder, unk_id=0, bos_id=1, eos_id=2, add_dummy_prefix=True)
    _configure(folder, "CodeLlamaTokenizer", bos_token="<s>", eos_token="</s>", unk_token="<unk>", add_bos_token=True)


def gemma(folder: Path) -> None:
    """SentencePiece without a prefix, with marks, blanks and HTML tags among its pieces."""
    _sentencepiece(
        folder,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        bos_piece="<bos>",
        eos_piece="<eos>",
        add_dummy_prefix=False,
        user_defined_symbols=GEMMA,
    )
    _configure(folder, "GemmaTokenizer", bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>")
    rules = json.loads(AutoTokenizer.from_pretrained(folder).backend_tokenizer.to_str())
    for token in rules["added_tokens"]:  # as published: blanks, tags and marks that nobody uses are there, but not special
        token["special"] = token["content"] in ("<pad>", "<eos>", "<bos>", "<unk>", *GEMMA[:2])
    (folder / "tokenizer.json").write_text(json.dumps(rules))


def starcoder2(folder: Path) -> None:
    """GPT-2's byte-level BPE with its control tokens at the vocabulary's beginning."""
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    backend.decoder = decoders.ByteLevel()
    _train(backend, special_tokens=STARCODER)
    backend.save(str(folder / "tokenizer.json"))
    end = STARCODER[0]
    _configure(folder, "GPT2Tokenizer", bos_token=end, eos_token=end, unk_token=end)


def qwen3(folder: Path) -> None:
    """Byte-level BPE; the marks of tools and of thinking are added, but not special, as published."""
    backend = Tokenizer(BPE())
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("\\p{N}| ?\\p{L}+| ?[^\\s\\p{L}\\p{N}]+|\\s+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    _train(backend)
    backend.add_special_tokens(QWEN3[:4])
    backend.add_tokens([AddedToken(mark, normalized=False) for mark in QWEN3[4:]])
    backend.save(str(folder / "tokenizer.json"))
    _configure(folder, "Qwen2Tokenizer", eos_token="<|im_end|>", pad_token=QWEN3[0], chat_template=QWEN3_TEMPLATE)


def mistral(folder: Path) -> None:
    """SentencePiece as a tokenizer.json, with the marks of turns among its control tokens and a template without a system."""
    _sentencepiece(folder, unk_id=0, bos_id=1, eos_id=2, add_dummy_prefix=True, control_symbols=MISTRAL)
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    _configure(folder, "LlamaTokenizer", **tokens, add_bos_token=True, chat_template=MISTRAL_TEMPLATE)
    AutoTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))


SIZES = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.15,
}
FAMILIES: dict[str, Any] = {
    "deepseek": (
        deepseek,
        LlamaForCausalLM,
        LlamaConfig(**SIZES, head_dim=64, rope_parameters={"rope_type": "linear", "rope_theta": 1e5, "factor": 4.0}),
    ),
    "codellama": (
        code_llama,
        LlamaForCausalLM,
        LlamaConfig(**SIZES, head_dim=64, rope_parameters={"rope_type": "default", "rope_theta": 1e6}),
    ),
    "gemma": (gemma, GemmaForCausalLM, GemmaConfig(**SIZES, head_dim=64, hidden_activation="gelu_pytorch_tanh")),
    "starcoder2": (starcoder2, Starcoder2ForCausalLM, Starcoder2Config(**SIZES, use_bias=True, sliding_window=64)),
    "qwen3": (qwen3, Qwen3ForCausalLM, Qwen3Config(**SIZES, head_dim=64)),
    "mistral": (mistral, MistralForCausalLM, MistralConfig(**SIZES, head_dim=64, sliding_window=None)),
}


def save_family(folder: Path, family: str, max_shard_size: str = "1GB") -> Path:
    """Write a checkpoint of the family with random weights; its configuration names wrong end tokens, as some published do."""
    save_tokenizer, model_class, config = FAMILIES[family]
    folder.mkdir(parents=True)
    save_tokenizer(folder)
    config.vocab_size, config.max_position_embeddings = 640, 2048
    config.bos_token_id = config.eos_token_id = 50256
    config.pad_token_id = None
    torch.manual_seed(0)
    model_class(config).to(torch.bfloat16).save_pretrained(folder, max_shard_size=max_shard_size)
    return folder


def _train(backend: Tokenizer, **options: Any) -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False, **options)
    backend.train_from_iterator(CORPUS, trainer)


def _sentencepiece(folder: Path, **options: Any) -> None:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter("".join(CORPUS).split("\n")),
        model_prefix=str(folder / "tokenizer"),
        model_type="bpe",
        vocab_size=420,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
        **options,
    )
    (folder / "tokenizer.vocab").unlink()


def _configure(folder: Path, tokenizer_class: str, **tokens: Any) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": tokenizer_class, **tokens}))
