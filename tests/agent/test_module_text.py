"""How a module of the user's is told: what it defines, how that is imported and called, and no secret."""

import pytest

from jupyter_oci.agent.module_text import definitions, is_about

MODULE = '''"""Helpers."""
API_KEY = "sk-123456789"
pattern = "\\d"


def clean_prices(df, column: str = "price", *, token="abc", sign="$", low=-1, **more) -> "DataFrame":
    """Take the sign of the currency off.

    And more.
    """


async def fetch(url, /, key="hidden", password=None, *urls): ...


def _private(): ...


class Store(Base):
    """A store."""

    def __init__(self, path, cache=None): ...

    def load(self): ...

    def _read(self): ...


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


class Row(NamedTuple):
    id: int


class Empty: ...


class Failure(Exception): ...
'''
LINES = [
    "from shop import clean_prices, fetch, Store, Point, Row, Empty, Failure",
    "def clean_prices(df, column: str='price', *, token=..., sign='$', low=-1, **more)  # Take the sign of the currency off.",
    "async def fetch(url, /, key=..., password=..., *urls)",
    "class Store(path, cache=None), methods load  # A store.",
    "class Point(x: int, y: int=0)",
    "class Row(id: int)",
    "class Empty()",
    "class Failure",
]


def test_what_a_module_defines_is_told_with_how_it_is_called():
    assert definitions("shop.py", MODULE, "").split("\n") == LINES


def test_what_the_request_names_comes_first():
    told = definitions("tools/shop.py", MODULE, "Make a Point").split("\n")
    assert told[0] == "from tools.shop import Point, clean_prices, fetch, Store, Row, Empty, Failure"
    assert told[1] == "class Point(x: int, y: int=0)"


@pytest.mark.parametrize(
    "parameter",
    [
        "url='postgresql://me:sesame@db.host/shop'",
        "headers={'Authorization': 'Bearer sesame'}",
        "x=os.environ.get('P', 'sesame')",
        "of: Literal['token=sesame']=1",
        "token: Literal['sesame-1234']",
        "url='postgresql://reporting_service_of_the_shop:correct-horse-battery-sesame-2024-sesame@db'",
    ],
)
def test_no_secret_in_a_default_or_an_annotation_is_told(parameter: str):
    told = definitions("db.py", f"def connect({parameter}): ...", "")
    assert told.startswith("from db import connect\n")
    assert "sesame" not in told


@pytest.mark.parametrize(
    "doc",
    ["Call it with password=sesame.", "The password: sesame", f"{'Read it. ' * 10}http://me:{'sesame' * 5}@x.org"],
)
def test_no_secret_in_a_docstring_is_told(doc: str):
    assert definitions("db.py", f"def f(x):\n    {doc!r}", "") == "from db import f\ndef f(x)"


def test_a_long_module_is_cut():
    parameters = ", ".join(f"parameter_{number}" for number in range(20))
    source = "".join(f"def step_{number}({parameters}):\n    '{number} does much. ' \n" for number in range(30))
    lines = definitions("many.py", source, "call step_25").split("\n")
    assert lines[0] == "from many import step_25, " + ", ".join(f"step_{number}" for number in range(10))
    assert lines[1].startswith("def step_25(parameter_0, ")
    assert lines[1].endswith("...  # 25 does much. ")
    assert lines[12:] == ["... 19 more"]


@pytest.mark.parametrize(
    "source",
    [
        f"def f(x=0x{'f' * 4000}): ...",
        f"def f(x: {'+'.join('a' * 3000)}): ...",
        f"class f(a{'.a' * 3000}): ...",
        "def f[T](x: T) -> T: ...\nthis is no Python",
    ],
)
def test_of_a_module_that_cannot_be_written_out_the_names_are_told(source: str):
    assert definitions("odd.py", source, "").split("\n")[0] == "from odd import f"


def test_a_name_among_letters_of_a_language_without_spaces_is_found():
    source = "".join(f"def f_{number}(): ...\n" for number in range(14)) + "def clean_prices(df): ...\n"
    told = definitions("shop.py", source, "\u8bf7\u7528clean_prices\u6e05\u7406df")
    assert told.split("\n")[1] == "def clean_prices(df)"
    assert is_about(told, "\u8bf7\u7528clean_prices\u6e05\u7406df")


@pytest.mark.parametrize("source", ["def (", "x = 1\x00", "(" * 5000, "", "x = 1"])
def test_of_a_module_that_defines_nothing_or_cannot_be_read_nothing_is_told(source: str):
    assert definitions("odd.py", source, "") == ""


def test_a_prompt_is_about_a_module_that_it_names_or_what_that_defines():
    told = definitions("shop.py", MODULE, "")
    assert is_about(told, "tidy the shop")
    assert is_about(told, "call clean_prices")
    assert not is_about(told, "import it from there")
    assert not is_about("", "shop")
