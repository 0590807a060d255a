"""A fix, an explanation and a hint through the server, as a page asks for them."""

from __future__ import annotations

import pytest
from page import code

CELLS = [
    {"id": "mean", "cell_type": "code", "source": "def mean(xs):\n    return sum(xs)", "outputs": [], "metadata": {}},
    {"id": "use", "cell_type": "code", "source": "assert mean([1, 3]) == 2", "outputs": [], "metadata": {}},
]
FIXED = "def mean(xs):\n    return sum(xs) / len(xs)"
OTHER = "def mean(xs):\n    return float(sum(xs)) / len(xs)"


@pytest.fixture
def script():
    return {
        "in another way": [f"It is not divided.\n{code(OTHER)}"],
        "repaired cell": [f"It is not divided.\n{code(FIXED)}"],
        "use the median": [code("def mean(xs):\n    return sorted(xs)[len(xs) // 2]")],
        "Explain this": ["It adds up."],
        "How. No code": ["Where: the last line.\nHow: count the numbers."],
        "": [code("print(1)"), "Done."],
    }


@pytest.fixture
def settings():
    return {"mode": "ask"}


async def test_a_fix_is_proposed_accepted_run_and_checked(page):
    run_id = await page.ask("", cells=CELLS, intent="fix", target_cell_id="mean")
    proposed = await page.until(run_id, "fix_proposed")
    assert (proposed["cell_id"], proposed["source"]) == ("mean", FIXED)
    assert (proposed["check"], proposed["check_origin"]) == ("assert mean([1, 3]) == 2", "user")
    await page.approve(run_id, await page.until(run_id, "approval_requested"))
    events = await page.events(run_id)
    assert events[-1]["reason"] == "fixed"
    assert (events[0]["intent"], events[0]["target_cell_id"]) == ("fix", "mean")


async def test_a_cell_is_changed_as_the_user_says(page):
    run_id = await page.ask("use the median", cells=CELLS, intent="edit", target_cell_id="mean")
    proposed = await page.until(run_id, "fix_proposed")
    assert (proposed["cell_id"], proposed["base"]) == ("mean", CELLS[0]["source"])
    assert "sorted" in proposed["source"]
    await page.approve(run_id, await page.until(run_id, "approval_requested"))
    assert (await page.events(run_id))[-1]["reason"] == "edited"


async def test_another_fix_comes_when_it_is_asked_for(page):
    run_id = await page.ask("", cells=CELLS, intent="fix", target_cell_id="mean")
    await page.approve(run_id, await page.until(run_id, "approval_requested"), decision="another")
    second = await page.until(run_id, "fix_proposed", source=OTHER)
    await page.approve(run_id, await page.until(run_id, "approval_requested", source=second["source"]), decision="skip")
    assert (await page.events(run_id))[-1]["reason"] == "rejected"


@pytest.mark.parametrize(
    ("intent", "answer"), [("explain", "It adds up."), ("hint", "Where: the last line.\nHow: count the numbers.")]
)
async def test_an_explanation_and_a_hint_are_words(page, intent, answer):
    run_id = await page.ask("", cells=CELLS, intent=intent, target_cell_id="mean")
    events = await page.events(run_id)
    assert "".join(event["text"] for event in events if event["type"] == "text_delta") == answer
    assert events[-1]["reason"] == "explained"


async def test_what_was_fixed_is_remembered_in_words(page):
    await page.events(await page.ask("", cells=CELLS, intent="explain", target_cell_id="mean"))
    preview = await page.post("preview", **page.asking("and now?"))
    assert "- Explain this cell.\n  It adds up.\n" in preview["messages"][-1]["content"]


async def test_the_preview_shows_what_a_fix_sends(page):
    preview = await page.post("preview", **page.asking("", cells=CELLS, intent="fix", target_cell_id="mean"))
    assert "# What must hold\n- `mean([1, 3]) == 2`" in preview["messages"][-1]["content"]


@pytest.mark.parametrize("intent", ["fix", "explain", "hint"])
async def test_instructions_are_told_with_what_changes_no_cell(page, intent):
    asked = {"cells": CELLS, "intent": intent, "target_cell_id": "mean", "instructions": "Answer in French."}
    preview = await page.post("preview", **page.asking("", **asked))
    assert ("# Request\nAnswer in French.\n" in preview["messages"][-1]["content"]) == (intent != "fix")


async def test_the_preview_shows_what_a_change_sends(page):
    preview = await page.post("preview", **page.asking("use the median", cells=CELLS, intent="edit", target_cell_id="mean"))
    sent = preview["messages"][-1]["content"]
    assert "# The cell to change\n```python\ndef mean" in sent
    assert "# Request\nuse the median" in sent


@pytest.mark.parametrize(
    "fields",
    [
        {"intent": "fix", "target_cell_id": "gone"},
        {"intent": "fix"},
        {"intent": "ask"},
        {},
        {"intent": "mend"},
        {"intent": "edit", "target_cell_id": "mean"},
    ],
    ids=["unknown cell", "no cell", "no words", "nothing", "unknown intent", "no change"],
)
async def test_a_request_without_a_cell_or_words_is_refused(page, fields):
    assert await page.refused("runs", **page.asking("", cells=CELLS, **fields)) == (400, "bad_request")


async def test_a_notebook_can_allow_hints_only(page):
    asked = {"cells": CELLS, "target_cell_id": "mean", "hint_only": True}
    for intent in ("ask", "edit", "fix", "explain"):
        assert await page.refused("runs", **page.asking("go", intent=intent, **asked)) == (403, "hint_only")
    run_id = await page.ask("", intent="hint", **asked)
    assert (await page.events(run_id))[-1]["reason"] == "explained"


class TestInstructions:
    @pytest.fixture
    def settings(self):
        return {"instructions": "Use seaborn."}

    async def test_the_administrator_s_come_before_the_user_s(self, page):
        preview = await page.post("preview", **page.asking("Plot it", instructions="Comment in German."))
        told = "# Instructions for every request\nUse seaborn.\nComment in German.\n\n# Request\nPlot it"
        assert told in preview["messages"][-1]["content"]


class TestHintOnly:
    @pytest.fixture
    def settings(self):
        return {"hint_only": True}

    async def test_a_teacher_can_allow_hints_only(self, page):
        assert (await page.get("settings"))["hint_only"] is True
        asked = {"cells": CELLS, "target_cell_id": "mean"}
        assert await page.refused("runs", **page.asking("go", **asked)) == (403, "hint_only")
        assert await page.refused("runs", **page.asking("", intent="fix", **asked)) == (403, "hint_only")
        run_id = await page.ask("", intent="hint", **asked)
        assert (await page.events(run_id))[-1]["reason"] == "explained"
