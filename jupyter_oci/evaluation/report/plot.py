"""The plot: pass rate per round, tokens and seconds per problem, failures by kind."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..record import Record
from .curves import Curve, curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREY = "#2f6fb0", "#d9822b", "#6b7280"
_BARS = 30
_LABEL_WIDTH = 16
_LABEL = 100


def draw(records: Sequence[Record], title: str, jobs: int = 1) -> Figure | None:
    """Draw the records of a run of `jobs` at a time; None: there are none, or no matplotlib (the extra `evaluate`)."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    if not records:
        return None
    figure = Figure(figsize=(11, 7), layout="constrained")
    figure.suptitle(f"{_plain(title)}, {len(records)} problems", fontsize=13)
    rate, failures, tokens, seconds = figure.subplots(2, 2).flat
    _rates(rate, curves(records))
    _failures(failures, records)
    _spread(tokens, [sum(each.completion_tokens for each in record.rounds) for record in records], "tokens written per problem")
    _spread(
        seconds,
        [record.seconds for record in records],
        "seconds per problem, judging included" if jobs == 1 else f"seconds, {jobs} problems at a time, judging included",
    )
    return figure


def to_png(figure: Figure) -> bytes:
    """Give the plot as PNG."""
    return _saved(figure, "png")


def to_svg(figure: Figure) -> str:
    """Give the plot as an SVG element."""
    text = _saved(figure, "svg").decode()
    return text[text.index("<svg") :]


def _saved(figure: Figure, kind: str) -> bytes:
    from matplotlib import rc_context  # noqa: PLC0415 - an extra

    buffer = io.BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "jupyter-oci"}):
        figure.savefig(buffer, format=kind, dpi=130, metadata={"Date": None} if kind == "svg" else {})
    return buffer.getvalue()


def _rates(axes: Axes, given: Sequence[Curve]) -> None:
    """Draw lines over rounds, or bars where the labels are alternatives."""
    width = 0.8 / max(1, len(given))
    for place, (curve, color) in enumerate(zip(given, (_BLUE, _ORANGE, _GREY), strict=False)):
        shares = [100 * share for share in curve.shares]
        if curve.steps:
            axes.plot(curve.labels, shares, marker="o", color=color, label=curve.tests)
        else:
            axes.bar([x + (place + 0.5) * width - 0.4 for x in range(len(shares))], shares, width, color=color, label=curve.tests)
    stepped = all(curve.steps for curve in given)
    labels = list(given[0].labels) if given else []
    if not stepped:
        axes.set_xticks(range(len(labels)), ["\n".join(textwrap.wrap(label, _LABEL_WIDTH)) for label in labels], fontsize=8)
    axes.set(title="passed, per cent of problems", ylim=(0, 100), xlabel="rounds of revision" if stepped else "")
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if len(given) > 1:
        axes.legend(loc="lower right")


def _failures(axes: Axes, records: Sequence[Record]) -> None:
    kinds = Counter(record.failure or "passed" for record in records).most_common()
    names = [_plain(name) for name, _ in reversed(kinds)]
    counts = [count for _, count in reversed(kinds)]
    bars = axes.barh(names, counts, color=[_BLUE if name == "passed" else _ORANGE for name in names])
    axes.bar_label(bars, padding=3)
    axes.set(title="how problems end", xlim=(0, 1.15 * max(counts)))
    axes.locator_params(axis="x", integer=True)
    axes.spines[["top", "right"]].set_visible(False)


def _spread(axes: Axes, values: Sequence[float], title: str) -> None:
    axes.hist(values, bins=min(_BARS, max(1, len(set(values)))), color=_GREY)
    axes.set(title=title, ylabel="problems")
    axes.locator_params(axis="y", integer=True)
    axes.spines[["top", "right"]].set_visible(False)


def _plain(text: str) -> str:
    """Give a label that is drawn as it stands: matplotlib takes dollars for mathematics, and its fonts have not everything."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:_LABEL])
    return shown.replace("$", r"\$")
