"""What is told of files that a request names: how texts begin, and the sources of modules."""

import json
import os
import time
from pathlib import Path

import pytest

from jupyter_oci.kernel import folder
from jupyter_oci.kernel.contents import MOST_CHARACTERS, contents_of_text, has_named, is_module_named, is_named


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(about: str, seconds: float = 10.0) -> dict[str, str]:
    """Give the contents by path."""
    return {path: inside for path, _, inside in json.loads(folder.answer(seconds, about)) if inside}


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("sales.csv", "Read sales.csv."),
        ("sales.csv", "Read ./sales.csv, please"),
        ("sales.csv", r"Read C:\data\sales.csv"),
        ("sales.csv", "\u8bfb\u53d6sales.csv\u6587\u4ef6\u5e76\u753b\u56fe"),
        ("raw/sales.csv", "Read sales.csv."),
        ("raw/sales.csv", r"Read raw\sales.csv."),
        ("a+b (1).csv", "Read a+b (1).csv"),
    ],
)
def test_a_file_is_named_by_its_path_or_its_name(path: str, about: str):
    assert is_named(path, about)


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("sales.csv", "Read old_sales.csv"),
        ("sales.csv", "Read sales.csv.gz"),
        ("sales.csv", "Plot the sales"),
        ("raw/sales.csv", "Read other/sales.csv"),
    ],
)
def test_another_file_is_not(path: str, about: str):
    assert not is_named(path, about)


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("shop_utils.py", "Use shop_utils.py for it"),
        ("shop_utils.py", "tidy it by tidy from shop_utils"),
        ("shop_utils.py", "Do it with shop_utils."),
        ("shop_utils.py", "call shop_utils.tidy on df"),
        ("data.py", "Use the module data"),
        ("data.py", "what the data module is for"),
        ("data.py", "what `data` has"),
        ("data.py", "Plot it.\nimport data"),
        ("tools/dates.py", "\nimport tools.dates\nimport that"),
        ("tools/__init__.py", "\nimport tools\n"),
    ],
)
def test_a_module_is_named(path: str, about: str):
    assert is_module_named(path, about)


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("data.py", "Read the table from data.csv and plot it"),
        ("data.py", "please import data from sales.csv"),
        ("plot.py", "Plot the plot"),
        ("shop_utils.py", "read shop_utils.csv"),
        ("shop_utils.py", "use myshop_utils"),
        ("my-tools.py", "use my-tools.py"),
        ("2024_clean.py", "use 2024_clean.py"),
        ("class.py", "use class.py"),
    ],
)
def test_a_word_or_another_file_names_no_module_nor_what_cannot_be_imported(path: str, about: str):
    assert not is_module_named(path, about)


SOURCE = b"def clean_prices(df): ...\nasync def fetch(url): ...\nclass Plot: ...\n    def _inner(self): ...\n"


@pytest.mark.parametrize(
    ("about", "named"),
    [
        ("clean it with clean_prices", True),
        ("get it by fetch(url)", True),
        ("get it by `fetch`", True),
        ("get it by shop.fetch", True),
        ("fetch the shop", False),
        ("Plot the shop", False),
        ("unclean_prices", False),
        ("prefetch(url)", False),
    ],
)
def test_a_function_is_named_where_it_is_no_word_or_is_called(about: str, named: bool):
    assert has_named(SOURCE, "shop", about) is named


def test_a_module_is_told_as_its_source_and_is_not_run(here: Path):
    source = "raise SystemExit('it was run')\ndef tidy_up(df): ...\n"
    (here / "helpers.py").write_text(source)
    assert told("tidy_up sales") == told("see helpers.py") == {"helpers.py": source}
    assert told("") == told("tidy the helpers up") == {}


def test_named_modules_come_before_newer_ones(here: Path):
    (here / "old.py").write_text("x = 1")
    os.utime(here / "old.py", (1, 1))
    for number in range(40):
        (here / f"new_{number}.py").write_text("def tidy_up(): ...")
    assert "old.py" in told("see old.py, and tidy_up")
    assert len(told("tidy_up")) == folder.MOST_TOLD


def test_the_very_file_that_is_named_comes_before_others_of_its_name(here: Path):
    for year in range(2015, 2024):
        (here / str(year)).mkdir()
        (here / str(year) / "sales.csv").write_text(f"year\n{year}\n")
    assert told("Load 2016/sales.csv") == {"2016/sales.csv": "year\n2016"}


def test_where_time_is_short_the_names_are_told_without_contents(here: Path, monkeypatch: pytest.MonkeyPatch):
    (here / "sales.csv").write_text("a,b\n")
    monkeypatch.setattr(folder, "contents_of_text", lambda _: time.sleep(1.0) or "late")
    assert json.loads(folder.answer(0.3, "sales.csv")) == [["sales.csv", "a,b", ""]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sales.csv", "\ufeffday,amount\n1,2\n3,4\n", "day,amount\n1,2\n3,4"),
        ("server.log", "10:00 | ERROR | db\n10:01 | INFO | web", "10:00 | ERROR | db\n10:01 | INFO | web"),
        ("long.txt", "\n".join(map(str, range(100))), "0\n1\n2\n3\n4"),
        ("one_line.txt", "x " * 1000, "x " * (MOST_CHARACTERS // 2) + "..."),
        ("spaces.txt", "\u6771\u4eac\u3000\u6674\u308c\n3\u00a0\u20ac", "\u6771\u4eac\u3000\u6674\u308c\n3\u00a0\u20ac"),
        ("latin.txt", b"caf\xe9 au lait", ""),
        ("cut.txt", ("\u00e9" * 1001).encode()[:-1], "\u00e9" * MOST_CHARACTERS + "..."),
        ("binary.txt", b"ab\x00\x01", ""),
        ("users.csv", "name,password\nann,sesame\n", ""),
        ("settings.ini", "[db]\nhost=here\npassword=sesame\nport=1\n", "[db]\nhost=here"),
        ("urls.txt", "https://example.org\nhttps://me:sesame@example.org\n", "https://example.org"),
        ("late.txt", "x" * 475 + " postgres://me:sesamesesamesesame@host", ""),
        ("tokens.csv", "a,b\n", ""),
        (
            "config.json",
            '{"threshold": 6, "password": "sesame", "url": "https://me:sesame@x.org", "name": "caf\u00e9"}',
            '{"threshold": 6, "password": "...", "url": "...", "name": "caf\u00e9"}',
        ),
        ("named.json", '[{"name": "DB_PASSWORD", "value": "sesame", "n": 1}]', '[{"name": "...", "value": "...", "n": "..."}]'),
        ("split.json", '{"columns": ["password", "n"], "data": [["sesame", 1]]}', '{"columns": "...", "data": "..."}'),
        ("map.json", '{"sk-abcdef123456": {"n": 2}}', '{"...": {"n": 2}}'),
        ("rows.json", '[{"id": 1, "of": ["a", "b"]}, {"id": 2}]', '[{"id": 1, "of": ["a", "... 1 more"]}, "... 1 more"]'),
        ("lines.jsonl", '{"id": 1}\n{"id": 2}\n', '{"id": 1}\n{"id": 2}'),
        ("broken.json", '{"id": 1,\n"name": ', '{"id": 1,\n"name":'),
        ("deep.json", "[" * 5000, "[" * MOST_CHARACTERS + "..."),
    ],
)
def test_a_text_that_is_named_tells_how_it_begins_but_no_secret(name: str, text: str | bytes, expected: str, here: Path):
    (here / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert contents_of_text(name) == expected
    assert told(f"Read {name}.").get(name, "") == expected
    assert told("Read the file.") == {}


def test_json_of_many_keys_and_long_texts_is_outlined(here: Path):
    (here / "wide.json").write_text(json.dumps({f"k{number}": "x" * 100 for number in range(40)}))
    outline = contents_of_text("wide.json")
    assert outline.startswith(f'{{"k0": "{"x" * 40}...", "k1": ')
    assert len(outline) == MOST_CHARACTERS + 3


def test_a_file_that_has_gone_has_no_contents():
    assert contents_of_text("gone.csv") == ""
