from __future__ import annotations

import pytest

from jupyter_oci.agent.cell_facts import asks_for_input, last_assigned, made_anew, only_defined, overwritten, reloaded, unshown


@pytest.mark.parametrize(
    ("source", "dropped"),
    [
        ("x.mean()\nx.max()", ["x.mean()"]),
        ("df\nlen(df)\ndf.shape[0]", ["df", "len(df)"]),
        ("df['a'].sum()\nn = 1", ["df['a'].sum()"]),
        ("%matplotlib inline\nx + 1\ny", ["x + 1"]),
        ("x.mean()", []),
        ("print(x.mean())\nx.max()", []),
        ("'''What it does.'''\nitems.append(1)\nplt.title('a')\nplt.show()", []),
        ("for x in y:\n    x.mean()\nx", []),
        ("not python at all", []),
        ("", []),
    ],
)
def test_values_that_jupyter_drops_are_found(source, dropped):
    assert unshown(source) == dropped


@pytest.mark.parametrize("name", ["pwd", "db_pw", "AUTH", "api_key", "password"])
def test_what_may_be_a_secret_is_not_shown_as_the_last_line(name):
    assert last_assigned(f"{name} = base64.b64decode(text).decode()") is None
    assert last_assigned("author = text.decode()") == "author"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("total = df['v'].sum()", "total"),
        ("n = 2 * 3", "n"),
        ("by_city = df.groupby('city').text", None),
        ("text = open('book.txt').read()", None),
        ("page = requests.get(url).text", None),
        ("text = Path('book.txt').read_text()", None),
        ("words = text.split()", "words"),
        ("line = '-' * n", None),
        ("conn = sqlite3.connect('a.db')", None),
        ("text = clean(text)", "text"),
        ("low = text.lower()", "low"),
    ],
)
def test_what_the_last_line_makes_is_shown_unless_it_is_long_or_says_nothing(source, name):
    assert last_assigned(source) == name


TYPES = {"raw": "DataFrame", "other": "DataFrame", "n": "int", "rng": "Generator"}


@pytest.mark.parametrize(
    "source",
    [
        "import pandas as pd\nraw = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
        "raw = [1, 2, 3]",
        "raw = {'a': 1, 'b': 2}",
        "raw = np.array([1.0, 2.0]).reshape(1, 2)",
        "raw = pd.DataFrame([(1, 'a'), (2, 'b')], columns=['n', 'c'])\nraw.head()",
        "raw = pd.DataFrame({'a': np.arange(n), 'b': [f'{x:,}' for x in rng.normal(60, 20, n)]})",
    ],
)
def test_the_users_data_written_out_anew_is_found(source):
    assert overwritten(source, TYPES) == "raw"
    assert overwritten(source, {"other": "DataFrame"}) is None


@pytest.mark.parametrize(
    "source",
    [
        "raw = pd.read_csv('raw.csv')",
        "raw = raw[['a', 'b']]",
        "raw = raw.drop(columns=['a', 'b'])",
        "raw = other.loc[[1, 2, 3]]",
        "raw = [word.lower() for word in raw]",
        "raw = pd.merge(left, right, on=['a', 'b'])",
        "raw = 5",
        "raw['c'] = [1, 2, 3]",
        "def f():\n    raw = [1, 2]",
        "not python at all",
    ],
)
def test_a_variable_made_from_what_is_there_is_not_made_up(source):
    assert overwritten(source, TYPES) is None


def test_the_users_table_read_again_is_found():
    assert reloaded("import pandas as pd\nraw = pd.read_csv('raw.csv')\nraw.head()", {"raw"}) == "raw"
    assert reloaded("new = pd.read_csv('raw.csv')", {"raw"}) is None
    assert reloaded("raw = clean(raw)", {"raw"}) is None


@pytest.mark.parametrize(
    ("source", "request_", "name"),
    [
        ("raw = pd.read_csv('in/raw.csv')\nraw.head()", "What is the mean of a?", "raw"),
        ("raw = pd.read_csv('in/raw.csv')\nraw['price'].mean()", "What is the mean price?", "raw"),
        ("raw = pd.read_csv('in/raw.csv')\nraw.sum()", "Montre les ventes", "raw"),
        ("raw = pd.read_csv('in/raw.csv')\nraw.head()", "Show the head of raw.csv", None),
        ("raw = pd.read_csv(path)\nraw.head()", "Reload the table", None),
        ("raw = pd.DataFrame({'a': [1, 2, 3]})", "Show raw", "raw"),
        ("raw = pd.DataFrame({'a': [1, 2, 3]})", "Create a DataFrame called raw with a from 1 to 3", None),
        ("raw = pd.DataFrame({'a': [1, 2, 3]})", "Create a plot", "raw"),
        ("x, raw = 1, [1, 2, 3]", "Show it", "raw"),
        ("raw: pd.DataFrame = pd.DataFrame({'a': [1, 2, 3]})", "Show it", "raw"),
    ],
)
def test_data_are_made_anew_where_the_request_asks_for_that(source, request_, name):
    assert made_anew(source, TYPES, request_) == name


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import math\n\ndef area(r):\n    return math.pi * r**2\n\nclass Circle:\n    pass", ["area", "Circle"]),
        ("async def fetch():\n    pass", ["fetch"]),
        ("def area(r):\n    return r\n\narea(2)", []),
        ("def area(r):\n    return r\nr = 2", []),
        ("import math", []),
        ("not python at all", []),
        ("", []),
    ],
)
def test_code_that_only_defines_is_known(source, names):
    assert only_defined(source) == names


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("age = int(input('Age? '))", True),
        ("import getpass\nwhile True:\n    p = getpass.getpass()", True),
        ("def ask():\n    return input()", False),
        ("read = lambda: input()", False),
        ("input = 3\nprint(input)", False),
        ("(", False),
    ],
)
def test_code_that_asks_for_input_itself_is_known(source, asks):
    assert asks_for_input(source) == asks
