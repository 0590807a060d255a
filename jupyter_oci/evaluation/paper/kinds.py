"""The kinds of feedback, as the published table names its rows."""

from __future__ import annotations

FIRST = "single turn"
EXECUTION = "+ Execution Feedback"
HUMAN = "+ Synth. Human Feedback"
ORACLE = "+ Synth. Human Feedback (Oracle)"
