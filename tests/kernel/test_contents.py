"""What is told of files that a request names: how texts begin, and what modules define."""

import os
from pathlib import Path

import pytest

from jupyter_oci.kernel.contents import MOST_CHARACTERS, contents

MODULE = '''"""Helpers."""
import os

os.environ["CONTENTS_WERE_RUN"] = "1"
API_KEY = "sk-123456789"


def clean_prices(df, column: str = "price", *, token="abc", sign="$", **more) -> "DataFrame":
    """Take the sign of the currency off.

    And more.
    """


async def fetch(url, /, key="hidden", password=None): ...


def _private(): ...


class Store(Base):
    """A store."""

    def __init__(self, path, cache=None): ...

    def load(self): ...

    def _read(self): ...
'''
CLEAN = "def clean_prices(df, column: str='price', *, token=..., sign='$', **more)  # Take the sign of the currency off."
FETCH = "async def fetch(url, /, key=..., password=...)"
STORE = "class Store(path, cache=None), methods load  # A store."
ALL = f"from shop_utils import clean_prices, fetch, Store\n{CLEAN}\n{FETCH}\n{STORE}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop_utils.py").write_text(MODULE)
    return tmp_path


@pytest.mark.parametrize(
    "about",
    [
        "Use shop_utils.py for it",
        "Use the module shop_utils",
        "what `shop_utils` module is for",
        "from shop_utils import x",
        "import shop_utils",
        "tidy with clean_prices(df)",
    ],
)
def test_a_module_that_is_named_tells_what_it_defines(about: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CONTENTS_WERE_RUN", raising=False)
    assert contents("shop_utils.py", about) == ALL


@pytest.mark.parametrize(
    "about", ["", "Plot the price of each shop", "fetch the shop", "use myshop_utils.py", "shop_utils.csv", "_private", "API_KEY"]
)
def test_another_request_reads_no_module(about: str):
    assert contents("shop_utils.py", about) == ""


def test_nothing_of_a_module_is_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CONTENTS_WERE_RUN", raising=False)
    assert contents("shop_utils.py", "shop_utils.py") == ALL
    assert "CONTENTS_WERE_RUN" not in os.environ


def test_what_is_named_of_a_module_comes_first(folder: Path):
    (folder / "many.py").write_text("".join(f"def step_{number}(): ...\n" for number in range(30)))
    told = contents("many.py", "call step_25").split("\n")
    assert told[0].startswith("from many import step_25, step_0, ")
    assert told[1] == "def step_25()"
    assert told[-1] == "... 18 more"
    assert len(told) == 14


def test_a_word_that_is_a_function_too_needs_its_module():
    assert contents("shop_utils.py", "get it with shop_utils.fetch").startswith("from shop_utils import fetch, clean_prices")


def test_a_module_in_a_folder_is_imported_by_its_path(folder: Path):
    (folder / "tools").mkdir()
    (folder / "tools" / "dates.py").write_text("def read_dates(text): ...")
    assert contents("tools/dates.py", "import tools.dates") == "from tools.dates import read_dates\ndef read_dates(text)"


@pytest.mark.parametrize("source", ["def (", "x = 1\x00", "(" * 5000, "", "x = 1", "# " + "x" * 300_000])
def test_of_a_module_that_defines_nothing_or_cannot_be_read_nothing_is_told(source: str, folder: Path):
    (folder / "odd.py").write_text(source)
    assert contents("odd.py", "odd.py") == ""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("sales.csv", "\ufeffday,amount\n1,2\n3,4\n", "day,amount\n1,2\n3,4\n"),
        ("server.log", "10:00 | ERROR | db\n10:01 | INFO | web", "10:00 | ERROR | db\n10:01 | INFO | web"),
        ("long.txt", "\n".join(map(str, range(100))), "0\n1\n2\n3\n4"),
        ("one_line.txt", "x " * 1000, ("x " * (MOST_CHARACTERS // 2)).rstrip() + "..."),
        ("latin.txt", b"caf\xe9 au lait", ""),
        ("cut.txt", ("\u00e9" * 1001).encode()[:-1], "\u00e9" * MOST_CHARACTERS + "..."),
        ("binary.txt", b"ab\x00\x01", ""),
        ("users.csv", "name,password\nann,sesame\n", ""),
        ("settings.ini", "[db]\nhost=here\npassword=sesame\nport=1\n", "[db]\nhost=here"),
        ("urls.txt", "https://example.org\nhttps://me:sesame@example.org\n", "https://example.org"),
        ("tokens.csv", "a,b\n", ""),
        ("picture.png", "a,b\n", ""),
        (
            "config.json",
            '{"threshold": 6, "password": "sesame", "url": "https://me:sesame@x.org", "name": "caf\u00e9"}',
            '{"threshold": 6, "password": "...", "url": "...", "name": "caf\u00e9"}',
        ),
        ("rows.json", '[{"id": 1, "of": ["a", "b"]}, {"id": 2}]', '[{"id": 1, "of": ["a", "... 1 more"]}, "... 1 more"]'),
        ("lines.jsonl", '{"id": 1}\n{"id": 2}\n', '{"id": 1}\n{"id": 2}\n'),
        ("broken.json", '{"id": 1,\n"name": ', '{"id": 1,\n"name":'),
        ("deep.json", "[" * 5000, "[" * MOST_CHARACTERS + "..."),
    ],
)
def test_a_text_that_is_named_tells_how_it_begins_but_no_secret(name: str, text: str | bytes, told: str, folder: Path):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert contents(name, f"Read {name}.") == told
    assert contents(name, "Read the file.") == ""


def test_json_of_many_keys_and_long_texts_is_outlined(folder: Path):
    (folder / "wide.json").write_text(str({f"k{number}": "x" * 100 for number in range(40)}).replace("'", '"'))
    told = contents("wide.json", "wide.json")
    assert told.startswith(f'{{"k0": "{"x" * 40}...", "k1": ')
    assert len(told) == MOST_CHARACTERS + 3


def test_a_file_that_has_gone_has_no_contents():
    assert contents("gone.csv", "gone.csv") == ""
