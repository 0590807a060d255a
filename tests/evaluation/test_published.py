"""What is said word for word, and each row that is printed, as the authors of the published table have it."""

from __future__ import annotations

from jupyter_oci.evaluation.hidden import Score
from jupyter_oci.evaluation.judge import Verdict
from jupyter_oci.evaluation.paper import prompts
from jupyter_oci.evaluation.paper.feedback import feedback
from jupyter_oci.evaluation.paper.summary import joint_table, paper_table
from jupyter_oci.evaluation.suites.problem import Problem

MBPP = '''\
You are an exceptionally intelligent coding assistant that consistently delivers accurate and reliable responses to user \
instructions.

@@ Instruction
Here is the given problem and test examples:
"""
Add.
assert add(1, 2) == 3
"""


Please use the python programming language to solve this problem.
Please make sure that your code includes the functions from the test samples and that the input and output formats of these \
functions match the test samples.

Please return all completed codes in one code block.\x20
This code block should be in the following format:
```python
# Your codes here
```

@@ Response'''
HUMAN = """\
You are tasked with providing guidance to a programmer who has drafted a code for a programming problem.\x20
Your role is to mimic human-like responses and offer suggestions for modifying the code based on the observed execution results.
You should refrain from directly writing code.
Begin by thoroughly examining the existing code and its functionality.
Analyze the @@Execution Result obtained from running the @@Existing Code. Identify any errors, unexpected behavior, or \
deviations from the expected output.
Consider potential edge cases, optimization opportunities, or alternative approaches based on insights from the \
@@Execution Result.
Offer guidance in a clear and understandable manner, explaining the rationale behind each suggestion.
Refrain from providing actual code solutions, but instead focus on conceptual modifications or strategies.
Provide constructive feedback to help the programmer improve their coding skills.
Remember, your role is to simulate human-like guidance and expertise in programming without directly implementing solutions.
Please respond in no more than three sentences.

@@Problem
def add(a, b):

@@Existing Code
def add(a, b): pass

@@Execution Result
It gives nothing.

@@Guidance
"""
ORACLE = """\
You are tasked with providing guidance to a programmer who has drafted a code for a programming problem.\x20
Your role is to mimic human-like responses and offer suggestions for modifying the code based on the canonical solution and the \
observed execution results.
You should NOT directly revealing contents of the @@Canonical Solution or mentioning terms such as "canonical solution."
You should refrain from directly writing code.
Begin by thoroughly examining the existing code and its functionality.
Compare the @@Existing Code with the @@Canonical Solution provided. Note any discrepancies in logic, approach, or implementation.
Analyze the @@Execution Result obtained from running the @@Existing Code. Identify any errors, unexpected behavior, or \
deviations from the expected output.
Consider potential edge cases, optimization opportunities, or alternative approaches based on insights from both the \
@@Canonical Solution and @@Execution Result.
Offer guidance in a clear and understandable manner, explaining the rationale behind each suggestion.
Refrain from providing actual code solutions, but instead focus on conceptual modifications or strategies.
Provide constructive feedback to help the programmer improve their coding skills.
Remember, your role is to simulate human-like guidance and expertise in programming without directly implementing solutions.
Please respond in no more than three sentences.

@@Problem
def add(a, b):

@@Existing Code
def add(a, b): pass

@@Execution Result
It gives nothing.

@@Canonical Solution
    return a + b

@@Guidance
"""
TABLE = """\
OpenCodeInterpreter-DS-1.3B      | 65.2 (61.0) | 63.4 (52.4) | 64.3 (56.7)
+ Execution Feedback             | 65.2 (62.2) | 65.2 (55.6) | 65.2 (58.9)
OpenCodeInterpreter-DS-6.7B      | 76.2 (72.0) | 73.9 (63.7) | 75.1 (67.9)
+ Execution Feedback             | 81.1 (78.7) | 82.7 (72.4) | 81.9 (75.6)
+ Synth. Human Feedback          | 87.2 (86.6) | 86.2 (74.2) | 86.7 (80.4)
+ Synth. Human Feedback (Oracle) | 89.7 (86.6) | 87.2 (75.2) | 88.5 (80.9)
OpenCodeInterpreter-DS-33B       | 79.3 (74.3) | 78.7 (66.4) | 79.0 (70.4)
+ Execution Feedback             | 82.9 (80.5) | 83.5 (72.2) | 83.2 (76.4)
+ Synth. Human Feedback          | 88.4 (86.0) | 87.5 (75.9) | 88.0 (81.0)
+ Synth. Human Feedback (Oracle) | 92.7 (89.7) | 90.5 (79.5) | 91.6 (84.6)
OpenCodeInterpreter-CL-7B        | 72.6 (67.7) | 66.4 (55.4) | 69.5 (61.6)
+ Execution Feedback             | 75.6 (70.1) | 69.9 (60.7) | 72.8 (65.4)
OpenCodeInterpreter-CL-13B       | 77.4 (73.8) | 70.7 (59.2) | 74.1 (66.5)
+ Execution Feedback             | 81.1 (76.8) | 78.2 (67.2) | 79.7 (72.0)
OpenCodeInterpreter-CL-34B       | 78.0 (72.6) | 73.4 (61.4) | 75.7 (67.0)
+ Execution Feedback             | 81.7 (78.7) | 80.2 (67.9) | 81.0 (73.3)
OpenCodeInterpreter-CL-70B       | 76.2 (70.7) | 73.0 (61.9) | 74.6 (66.3)
+ Execution Feedback             | 79.9 (77.4) | 81.5 (69.9) | 80.7 (73.7)
OpenCodeInterpreter-GM-7B        | 56.1 (50.0) | 39.8 (34.6) | 48.0 (42.3)
+ Execution Feedback             | 64.0 (54.3) | 48.6 (40.9) | 56.3 (47.6)
OpenCodeInterpreter-SC2-3B       | 65.2 (57.9) | 62.7 (52.9) | 64.0 (55.4)
+ Execution Feedback             | 67.1 (60.4) | 63.4 (54.9) | 65.3 (57.7)
OpenCodeInterpreter-SC2-7B       | 73.8 (68.9) | 61.7 (51.1) | 67.8 (60.0)
+ Execution Feedback             | 75.6 (69.5) | 66.9 (55.4) | 71.3 (62.5)
OpenCodeInterpreter-SC2-15B      | 75.6 (69.5) | 71.2 (61.2) | 73.4 (65.4)
+ Execution Feedback             | 77.4 (72.0) | 74.2 (63.4) | 75.8 (67.7)"""


def test_a_function_is_asked_for_by_its_sentence_in_the_authors_words() -> None:
    assert prompts.write('"""\nAdd.\nassert add(1, 2) == 3\n"""\n') == MBPP


def test_the_guide_is_asked_in_the_authors_words() -> None:
    asked = ("def add(a, b):\n", "def add(a, b): pass", "It gives nothing.")
    for (system, user), text in (
        (prompts.to_guide(*asked), HUMAN),
        (prompts.to_guide(*asked, canonical="    return a + b"), ORACLE),
    ):
        assert (system.role, system.content) == ("system", "You are a helpful assistant.")
        assert (user.role, user.content) == ("user", text)


def test_what_no_answer_passes_is_told_as_the_authors_harness_told_it() -> None:
    zero = Problem("HumanEval/32", "", "find_zero", "", (), (), 1e-4, oracle="root_of_tuple")
    wrong = Verdict("wrong", "The results aren't as expected.")
    told = feedback(zero, "def find_zero(xs): return 0.0", Score(wrong, wrong), "base")
    assert told == "TypeError: Invalid output type, output must be an iterable."


def test_each_row_of_the_published_table_is_printed_as_published() -> None:
    rows = [tuple(cell.strip() for cell in line.split("|")) for line in TABLE.splitlines()]
    assert list(joint_table({"humaneval": [], "mbpp": []}, []).rows[1:]) == rows
    for place, suite in enumerate(("humaneval", "mbpp"), 1):
        printed = paper_table(suite, [], 0, own=False).rows[1:]
        assert [row[:2] for row in printed] == [(row[0], row[place]) for row in rows]
