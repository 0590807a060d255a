"""What the scripted model of the UI tests answers: a phrase of the prompt, and the replies that follow each other."""

LONG_CODE = "\n".join(f"value_{number} = {number}" for number in range(600))
LONG_PROSE = "The prices are strings and no numbers. " * 28  # with code below it no longer than a repair may be

# Before the others: what is asked of a cell stands in the prompt after the cell's source.
ABOUT_CELLS: dict[str, list[str]] = {
    "nothing_helps": ["I do not know what this cell should do."],
    "and say whose it is": ["```python\nvalues = [1, 2, 3]\nprint('my total', sum(values))\n```", "The total is **6**."],
    "Use the median instead": ["```python\nvalues = [1, 2, 9]\nprint('median', sorted(values)[1])\n```"],
    "Repair it in another way": [
        "Every price is mapped to a number.\n\n"
        "```python\nprices = ['1', '2']  # as read\ntotal = sum(map(int, prices))\nprint('total', total)\n```"
    ],
    "Write one to three assert statements": ["```python\nassert double(2) == 4\n```"],
    "Explain why this cell fails": ["The prices are **strings**, and `sum` starts from the number 0."],
    "Give the three lines": [
        "Where: the line that adds the prices up.\nWhat: of which type are they?\nHow: look up how text becomes a number."
    ],
    "total = sum(prices)": [
        "The prices are strings, and must become numbers first.\n\n"
        "```python\nprices = ['1', '2']  # as read\ntotal = sum(int(price) for price in prices)\nprint('total', total)\n```"
    ],
    "slowly = sum(prices)": [f"{LONG_PROSE}\n\n```python\nprices = ['1', '2']\nslowly = sum(map(int, prices))\n```"],
    "len(values) - 1": [
        "The sum is divided by one too few.\n\n```python\ndef mean(values):\n    return sum(values) / len(values)\n```"
    ],
    "return x + x + x": ["It adds once too often.\n\n```python\ndef double(x):\n    return x + x\n```"],
    "ratio(4, 2)": ["The name c is not defined.\n\n```python\ndef ratio(a, b):\n    return a / b\n```"],
}

SCRIPT: dict[str, list[str]] = {
    **ABOUT_CELLS,
    "Add the values up": [
        "I add them up.\n\n```python\nvalues = [1, 2, 3]\nprint('total', sum(values))\n```",
        "The total is **6**.",
    ],
    "def names(rows)": [
        "```python\nimport pandas as pd\n\ndef names(rows):\n    return rows.rename(columns={'shop': 'name'})\n```",
        "It gives the names.",
    ],
    "Halve one": [
        "```python\nhalf = 1 / 0\nprint('half', half)\n```",
        "The divisor was wrong.\n\n```python\nhalf = 1 / 2\nprint('half', half)\n```",
        "Half of one is 0.5.",
    ],
    "Show my number": ["```python\nprint('number', mine)\n```", "Your number is 1."],
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
    "Fail when told": [
        "```python\nimport pathlib\nimport time\nprint('begin', flush=True)\n"
        "while not pathlib.Path('go').exists():\n    time.sleep(0.05)\n1 / 0\n```",
        "```python\nprint('revised')\n```",
        "It works now.",
    ],
    "Show a slider": [
        "```python\nimport ipywidgets\nipywidgets.IntSlider(value=7, description='Weeks')\n```",
        "Move the slider.",
    ],
    "Draw a line": [
        "```python\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()\n```",
        "The line goes up.",
    ],
    "Update a display": [
        "```python\nfrom IPython.display import clear_output, display\nfor step in range(3):\n"
        "    clear_output(wait=True)\n    print('step', step)\n"
        "handle = display('before', display_id=True)\nhandle.update('after')\n```",
        "It was updated.",
    ],
    # Without the cell's context, ipykernel takes what a thread prints for the output of whichever cell runs just then.
    "Answer late": [
        "```python\nimport contextvars\nimport threading\n\nmay_speak = threading.Event()\n\n\n"
        "def speak():\n    may_speak.wait()\n    print('late')\n\n\n"
        "threading.Thread(target=contextvars.copy_context().run, args=[speak], daemon=True).start()\nprint('early')\n```",
        "The thread goes on.",
    ],
    "What is a mean": ["The mean is the sum divided by the count."],
}
