"""What the scripted model of the UI tests answers: a phrase of the prompt, and the replies that follow each other."""

LONG_CODE = "\n".join(f"value_{number} = {number}" for number in range(600))

SCRIPT: dict[str, list[str]] = {
    "Add the values up": [
        "I add them up.\n\n```python\nvalues = [1, 2, 3]\nprint('total', sum(values))\n```",
        "The total is **6**.",
    ],
    "Halve one": [
        "```python\nhalf = 1 / 0\nprint('half', half)\n```",
        "The divisor was wrong.\n\n```python\nhalf = 1 / 2\nprint('half', half)\n```",
        "Half of one is 0.5.",
    ],
    "Make two cells": [
        "```python\nfirst = 20\nprint('first', first)\n```",
        "```python\nsecond = first + 1\nprint('second', second)\n```",
        "The second value is 21.",
    ],
    "Write without end": [f"```python\n{LONG_CODE}\n```"],
    "Sleep for long": ["```python\nimport time\nprint('asleep', flush=True)\ntime.sleep(600)\n```"],
    "Count slowly": [
        "```python\nimport time\nfor number in range(8):\n    print('count', number, flush=True)\n    time.sleep(0.5)\n```",
        "It counted to 7.",
    ],
    "Count the runs": [
        "```python\nimport time\nruns = globals().get('runs', 0) + 1\ntime.sleep(1)\nprint('run number', runs)\n```",
        "It ran.",
    ],
    "Show a table": [
        "```python\nfrom IPython.display import HTML, display\nprint('before')\n"
        "display(HTML('<table><tr><td>cell</td></tr></table>'))\n```",
        "| name | value |\n| --- | --- |\n| a | 1 |\n\n![x](https://example.invalid/x.png) <b>raw</b>",
    ],
    "What is a mean": ["The mean is the sum divided by the count."],
}
