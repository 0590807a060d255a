"""The main job without a browser: three requests to the agent about a copy of the demo notebook."""

from __future__ import annotations

import sys

from commands import BIN, exit_code, say
from working_copy import working_copy

REQUESTS = (
    "Which product brought in the most revenue? Use a groupby on sales and print the result.",
    "Plot the revenue of each weekday as a bar chart.",
    "What is the mean rating of each product?",
)


def main() -> int:
    """Make each request in turn; the exit code says whether the code of all of them ran well."""
    notebook = working_copy(".demo/headless", afresh=True) / "demo.ipynb"
    codes = []
    for request in REQUESTS:
        say(request)
        codes.append(exit_code(BIN / "jupyter-oci", "run", notebook, request, *sys.argv[1:]))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
