"""The report: a table, a plot and a page that is whole in itself, whatever the model wrote."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.evaluation.record import Record, Round, Table
from jupyter_oci.evaluation.report import titled, write_report
from jupyter_oci.evaluation.report.curves import curves
from jupyter_oci.evaluation.report.plot import draw
from jupyter_oci.evaluation.sessions.verdict import NOT_JUDGED

EVIL = "</pre><script>alert(1)</script><img src=https://example.org/x.png onerror=alert(2)> {{ 7 * 7 }} \ud800 | & \x1b[31m"
TABLE = Table("A suite | of two", ("", "passed"), (("this model", "1 (50.0%)"),), ("A note <b>with</b> a mark.",))
MANIFEST: dict[str, Any] = {
    "evaluation": "suite-notebook",
    "model": EVIL,
    "version": "0",
    "began": "2026-01-02",
    "jobs": 1,
    "settings": {"max_rounds": 4, "sampling": {"seed": 0}},
    "data": {"file.jsonl": "f" * 64},
    "machine": {"system": "a machine"},
    "surroundings": {"platform": "a kernel"},
    "code_sha256": "0" * 64,
}


def made_round(text: str, *, name: str = "", **verdicts: bool) -> Round:
    return Round(text, text, text, verdicts, 10, 20, 0.5, name)


@pytest.fixture
def records() -> list[Record]:
    right = Record("a/0", (made_round("wrong", base=False), made_round("right", base=True)), "fixed", True, "", 2.0)
    evil = Record(EVIL, (made_round(EVIL, base=False),), EVIL, True, EVIL, 3.0, {"reason": EVIL, "empty": ""})
    nothing = Record("a/2", (), "context_overflow", False, "no_code", 0.1)
    return [right, evil, nothing]


def test_the_page_shows_what_the_model_wrote_as_text_alone(tmp_path: Path, records: list[Record]) -> None:
    write_report(tmp_path, titled(TABLE, MANIFEST), records, MANIFEST)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert not re.search(r"<(img|iframe|link|object|embed|form|a)\b", page)
    assert not re.search(r"<[^>]+\s(src|on\w+|href)=[\"']?(?!#)", page)
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)" in page
    assert "{{ 7 * 7 }}" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "A note &lt;b&gt;with&lt;/b&gt; a mark." in page
    assert "<svg" in page


def test_the_page_has_each_problems_rounds(tmp_path: Path, records: list[Record]) -> None:
    write_report(tmp_path, TABLE, records, MANIFEST)
    page = (tmp_path / "report.html").read_text("utf-8")
    first = page[page.index("a/0") : page.index("fixed")]
    assert "2 rounds" in first
    assert page.count('<details class="problem passed">') == 1
    assert page.count('<details class="problem failed">') == 2
    assert "Round 1" in page
    assert "base ✓" in page
    assert "No round was begun." in page
    assert "sampling.seed" in page
    assert "<dt>platform</dt><dd>a kernel</dd>" in page


def test_the_table_is_markdown_and_the_plot_a_picture(tmp_path: Path, records: list[Record]) -> None:
    paths = write_report(tmp_path, TABLE, records, MANIFEST)
    assert {path.name for path in paths} == {"summary.md", "report.html", "plot.png"}
    text = (tmp_path / "summary.md").read_text()
    head = "jupyter-oci 0 of code 000000000000, 2026-01-02; system a machine; rounds 4, seed 0, jobs 1; file.jsonl ffffffffffff."
    assert text.startswith(f"## A suite \\| of two\n\n{head}\n\n|  | passed |\n| --- | ---: |\n| this model | 1 (50.0%) |\n")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_all_of_it_says_which_model_it_is_of_and_which_guided_it(tmp_path: Path, records: list[Record]) -> None:
    made_of = {**MANIFEST, "model": "small", "guide": "larger", "device": "cpu-4bit"}
    write_report(tmp_path, titled(TABLE, made_of), records, made_of)
    assert (tmp_path / "summary.md").read_text().startswith("## A suite \\| of two, small, guided by larger\n")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<h1>A suite | of two, small, guided by larger</h1>" in page
    assert "seed 0, jobs 1, device cpu-4bit; file.jsonl" in (tmp_path / "summary.md").read_text()
    for name, value in (("model", "small"), ("guide", "larger"), ("device", "cpu-4bit")):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page
    assert "<dt>template</dt>" not in page


def test_the_seconds_of_several_problems_at_a_time_are_told_as_such(tmp_path: Path, records: list[Record]) -> None:
    told = "Seconds are wall time of 4 problems at a time"
    made_of = {**MANIFEST, "jobs": 4}
    write_report(tmp_path, titled(TABLE, made_of), records, made_of)
    assert told in (tmp_path / "summary.md").read_text()
    page = (tmp_path / "report.html").read_text("utf-8")
    assert told in page
    assert "<dt>jobs</dt><dd>4</dd>" in page
    assert "seconds, 4 problems at a time" in page
    assert not any("wall time" in note for note in titled(TABLE, MANIFEST).notes)


def test_problems_are_counted_in_whole_numbers_and_one_set_of_tests_needs_no_legend(records: list[Record]) -> None:
    figure = draw(records, "A suite")
    assert figure is not None
    rate, failures, tokens, seconds = figure.axes
    for ticks in (failures.get_xticks(), tokens.get_yticks(), seconds.get_yticks()):
        assert all(float(tick).is_integer() for tick in ticks)
    assert rate.get_legend() is None
    both = draw([Record("a/0", (made_round("right", base=True, plus=False),), "fixed", True, "", 2.0)], "A suite")
    assert both is not None
    assert both.axes[0].get_legend() is not None


def test_without_records_there_is_a_page_and_no_plot(tmp_path: Path) -> None:
    assert {path.name for path in write_report(tmp_path, TABLE, [], MANIFEST)} == {"summary.md", "report.html"}


def test_a_curve_has_a_share_for_each_round_or_each_second_try(records: list[Record]) -> None:
    (base,) = curves(records)
    assert (base.tests, base.labels, base.shares, base.steps) == ("base", ("0", "1"), (0.0, 1 / 3), True)
    closed = Record("a/1", (made_round("session"), made_round("session", session=True)), "", True, "", 1.0)
    not_judged = Record("a/3", (made_round("session", session=False),), "", True, NOT_JUDGED, 1.0)
    (session,) = curves([closed, Record("a/2", (), "", False, "", 1.0), not_judged])
    assert (session.labels, session.shares, session.steps) == (("in the end",), (0.5,), False)
    rounds = (made_round("", name="first", base=False, plus=False), made_round("", name="told", base=True))
    base, plus = curves([Record("a/0", rounds, "", True, "", 1.0)])
    assert (base.labels, base.shares, plus.shares) == (("first", "told"), (0.0, 1.0), (0.0, 0.0))
