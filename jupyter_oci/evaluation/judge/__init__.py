"""Run code that nobody trusts against tests that it never sees.

A judgement takes one fresh process, the *examiner*, which forks another, the *candidate*. The candidate runs the code under test;
it is confined, limited and answers calls over a socket with plain values. The examiner alone knows the checks and the expected
values, compares and reports. So a completion cannot fake a verdict by leaving, printing, patching `assert` or returning objects
that equal everything: all it can do is answer wrongly, late or not at all.
"""

from .judging import judge_inputs, judge_script, reference_outputs
from .verdict import Limits, Reference, Status, Verdict

__all__ = ["Limits", "Reference", "Status", "Verdict", "judge_inputs", "judge_script", "reference_outputs"]
