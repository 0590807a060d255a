"""What is said to the models, word for word as the published table's authors said it (their evaluation scripts, Apache-2.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...model.base import Message

_OPENING = (
    "You are an exceptionally intelligent coding assistant that consistently delivers accurate and reliable responses to user "
    "instructions.\n\n@@ Instruction\n"
)
_CLOSING = (
    "Please return all completed codes in one code block. \n"
    "This code block should be in the following format:\n```python\n# Your codes here\n```\n\n@@ Response"
)
_GUIDING = (
    "You are tasked with providing guidance to a programmer who has drafted a code for a programming problem. \n"
    "Your role is to mimic human-like responses and offer suggestions for modifying the code based on {observed}.\n"
    "{secrecy}You should refrain from directly writing code.\n"
    "Begin by thoroughly examining the existing code and its functionality.\n"
    "{comparison}Analyze the @@Execution Result obtained from running the @@Existing Code. "
    "Identify any errors, unexpected behavior, or deviations from the expected output.\n"
    "Consider potential edge cases, optimization opportunities, or alternative approaches based on insights from {insights}.\n"
    "Offer guidance in a clear and understandable manner, explaining the rationale behind each suggestion.\n"
    "Refrain from providing actual code solutions, but instead focus on conceptual modifications or strategies.\n"
    "Provide constructive feedback to help the programmer improve their coding skills.\n"
    "Remember, your role is to simulate human-like guidance and expertise in programming "
    "without directly implementing solutions.\n"
    "Please respond in no more than three sentences.\n"
)
_HUMAN = {
    "observed": "the observed execution results",
    "secrecy": "",
    "comparison": "",
    "insights": "the @@Execution Result",
}
_ORACLE = {
    "observed": "the canonical solution and the observed execution results",
    "secrecy": (
        "You should NOT directly revealing contents of the @@Canonical Solution "
        'or mentioning terms such as "canonical solution."\n'
    ),
    "comparison": (
        "Compare the @@Existing Code with the @@Canonical Solution provided. Note any discrepancies in logic, approach, or "
        "implementation.\n"
    ),
    "insights": "both the @@Canonical Solution and @@Execution Result",
}


def complete(prompt: str) -> str:
    """Ask to complete a function (HumanEval)."""
    return (
        f"{_OPENING}Here is the given code to do completion:\n```python\n{prompt.strip()}\n```\n"
        "Please continue to complete the function with python programming language. "
        f"You are not allowed to modify the given code and do the completion only. \n\n{_CLOSING}"
    )


def write(prompt: str) -> str:
    """Ask to write a function from a sentence and an assertion (MBPP)."""
    return (
        f"{_OPENING}Here is the given problem and test examples:\n{prompt}\n\n"
        "Please use the python programming language to solve this problem.\n"
        "Please make sure that your code includes the functions from the test samples and that the input and output formats of "
        f"these functions match the test samples.\n\n{_CLOSING}"
    )


FIRST: Mapping[str, Callable[[str], str]] = {"humaneval": complete, "mbpp": write}
"""How each suite's problems are put."""


def again(prompt: str, reply: str, told: str) -> str:
    """Put the first prompt, the reply and what is told of it into one message, as the authors did."""
    return f"{prompt}\n{reply}\n\n@@ Instruction\n{told}\n"


def executed(feedback: str) -> str:
    """Tell an execution's result."""
    return f"Execution result: \n{feedback}"


def to_guide(problem: str, code: str, feedback: str, canonical: str | None = None) -> tuple[Message, ...]:
    """Ask the second model for guidance; with the canonical solution it is the oracle."""
    words = _HUMAN if canonical is None else _ORACLE
    oracle = "" if canonical is None else f"@@Canonical Solution\n{canonical}\n\n"
    sections = (
        f"\n@@Problem\n{problem.strip()}\n\n@@Existing Code\n{code}\n\n@@Execution Result\n{feedback}\n\n{oracle}@@Guidance\n"
    )
    return Message("system", "You are a helpful assistant."), Message("user", _GUIDING.format(**words) + sections)
