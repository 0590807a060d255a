"""What the kernel holds, read without a line of the user's code."""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_oci.kernel import probe

SIMPLE = """
import math, numpy as np, pandas as pd
count = 3
ratio = 0.5
greeting = 'hello'
items = [1, 2, 3, 4]
lookup = {'a': 1, 'b': [2]}
api_key = 'sk-very-secret'
grid = np.zeros((3, 4), dtype='float32')
frame = pd.DataFrame({'city': ['Rome', 'Oslo'], 'size': [2.5, 0.5], 'when': pd.to_datetime(['2020-01-01', None])})
column = frame['city']
def area(width, height=2, *rest, unit='m', **more):
    'Multiply.\\n\\nMore.'
class Shape(dict):
    def __init__(self, name): pass
    def scale(self): pass
_hidden = 1
"""

ZOO = """
import sys, types
touched = []
class Hostile:
    def __repr__(self): touched.append('repr'); raise RuntimeError
    __str__ = __hash__ = __len__ = __bool__ = __iter__ = __repr__
    def __getattribute__(self, name): touched.append(name); raise RuntimeError
    @property
    def __class__(self): touched.append('class'); return list
class Meta(type):
    def __getattribute__(cls, name): touched.append('meta ' + name); raise RuntimeError
    def __instancecheck__(cls, other): touched.append('instancecheck'); raise RuntimeError
    __subclasscheck__ = __instancecheck__
    __name__ = property(lambda cls: touched.append('name') or 'x')
class OfMeta(metaclass=Meta): pass
class Lazy(types.ModuleType):
    def __getattribute__(self, name): touched.append('module ' + name); raise RuntimeError
class Evil(str):
    def __repr__(self): touched.append('str'); raise RuntimeError
    __len__ = __str__ = __getitem__ = __hash__ = __repr__
class Key:
    def __hash__(self): return 1
    def __eq__(self, other): touched.append('eq'); return True
    def __repr__(self): touched.append('key repr'); raise RuntimeError
class Listish(list):
    def __len__(self): touched.append('len'); raise RuntimeError
    __iter__ = __len__
class Frame: pass
Frame.__name__ = 'DataFrame'; Frame.__module__ = 'pandas.core.frame'
class FrameLike(Frame):
    def __getattribute__(self, name): touched.append('frame ' + name); raise RuntimeError
FrameLike.__name__ = 'DataFrame'; FrameLike.__module__ = 'pandas'
class Renamed: pass
Renamed.__name__ = Evil('x'); renamed = Renamed()
hostile = Hostile(); of_meta = type.__call__(OfMeta); lazy = Lazy('lazy'); evil = Evil('x')
in_list = [Hostile(), Evil('y')]; in_dict = {Key(): Hostile()}; listish = Listish(); frame_like = FrameLike()
def with_default(a=Hostile(), *, b=Evil('z')): pass
with_default.__signature__ = Hostile(); with_default.__wrapped__ = Hostile(); with_default.__name__ = 'renamed'
import pandas as pd, numpy as np
class Telltale:
    def __repr__(self): touched.append('telltale'); return ''
    __str__ = __format__ = __repr__
objects = pd.DataFrame({'o': [Telltale(), None]}); array_of = np.array([Telltale()], dtype=object)
huge = np.lib.stride_tricks.as_strided(np.zeros(1), (10**8,), (0,)); big_int = 10**5000; long_text = 'x' * 10**7
touched.clear()
"""

STATE = "(len(In), sorted(Out), get_ipython().execution_count, sorted(k for k in globals() if not k.startswith('_')), _)"


def read(session):
    return {variable.name: variable for variable in session.variables()}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (["$1.50", "$2.00", "3 USD", "n/a", "$9.75"], "'$1.50', '3 USD', 'n/a'"),
        (["2024-05-01", "03.02.2024", "16.02.2024", "May 1, 2024"], "'2024-05-01', '16.02.2024', 'May 1, 2024'"),
        (["Food", "food ", "Food", " Travel"], "'Food', 'food ', ' Travel') 3 distinct"),
        (["Ann", "Bob", "Cem", "Dan"], "'Ann', 'Bob', 'Cem'"),
        (["a", "a1", "a-b", "a b", "1", "1.5", "(a)"], "'a', 'a1', 'a-b'"),  # free text has no forms
        (["x", None, "y1"], "'x', 'y1', nan"),
    ],
)
def test_a_column_of_text_shows_a_value_of_each_form(fresh, values, shown):
    fresh.run(f"import pandas as pd; forms_of_text = pd.DataFrame({{'c': {values!r}}})")
    summary = read(fresh.session(variables_budget=2.0))["forms_of_text"].summary
    assert summary.endswith(f" ({shown}" if shown.endswith("distinct") else f" ({shown})")


def test_the_users_names_are_described_newest_first(fresh):
    fresh.run(SIMPLE)
    found = read(fresh.session(variables_budget=2.0))
    assert list(found) == [
        *("Shape", "area", "column", "frame", "grid", "api_key", "lookup", "items", "greeting", "ratio", "count"),
        *("pd", "np", "math"),
    ]
    summaries = {name: (variable.type, variable.summary) for name, variable in found.items()}
    assert summaries["count"] == ("int", "3")
    assert summaries["greeting"] == ("str", "'hello'")
    assert summaries["items"] == ("list", "length 4 of int: 1, 2, 3, ...")
    assert summaries["lookup"] == ("dict", "length 2 {'a': int, 'b': list}")
    assert summaries["grid"] == ("ndarray", "shape (3, 4), dtype float32")
    assert summaries["area"] == ("function", "(width, height=2, *rest, unit='m', **more) Multiply.")
    assert summaries["Shape"] == ("type", "class Shape(self, name); extends dict; methods scale")
    assert summaries["np"] == ("module", "numpy")
    assert "secret" not in summaries["api_key"][1]


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ("{'server': {'host': 'h', 'port': 8080}}", "length 1 {'server': {'host': str, 'port': int}}"),
        ("{'rows': [{'id': 1}, {'id': 2}], 'none': {}}", "length 2 {'rows': [{'id': int}, ...], 'none': dict}"),
        ("{'a': {'b': {'c': {'d': 1}}}}", "length 1 {'a': {'b': {'c': dict}}}"),
        ("{'a': dict.fromkeys('klmnopqr')}", f"length 1 {{'a': {{{', '.join(f'{key!r}: NoneType' for key in 'klmnop')}, ...}}}}"),
        ("[{'id': 1, 'tags': ['x']}] * 2", "length 2 of dict, the first {'id': int, 'tags': list}"),
        ("[{}, 1]", "length 2 of dict | int"),
        ("__import__('numpy').float64(2.5)", "2.5"),
        ("__import__('pandas').Timestamp('2024-05-01')", "2024-05-01 00:00:00"),
    ],
)
def test_what_is_nested_is_described_a_few_levels_down(fresh, value, summary):
    fresh.run(f"value = {value}")
    assert read(fresh.session(variables_budget=2.0))["value"].summary == summary


def test_a_frame_is_described_by_its_columns(fresh):
    fresh.run(SIMPLE)
    summary = read(fresh.session(variables_budget=2.0))["frame"].summary
    assert summary.startswith("2 rows x 3 columns: city ")
    assert "('Rome', 'Oslo'); size float64 (2.5, 0.5); when datetime64" in summary
    assert "2020-01-01 00:00:00, NaT" in summary


def test_a_wide_frame_stays_short(fresh):
    fresh.run("import pandas as pd; wide = pd.DataFrame([['x' * 1000] * 500]).add_prefix('c')")
    session = fresh.session(variables_budget=2.0)
    summary = read(session)["wide"].summary
    assert summary.startswith("1 rows x 500 columns: c0 ")
    assert summary.endswith("; ... 470 more")
    assert len(summary) <= 10_000
    [asked] = [variable for variable in session.variables("wide['c499'].max()") if variable.name == "wide"]
    assert asked.summary.startswith("1 rows x 500 columns: c499 ")


SECRETS = """
import numpy as np, pandas as pd
pwd = 'hunter2'; pw = b'hunter2'; dbPwd = 'hunter2'; pin = 4711; auth = ('ann', 'hunter2'); PASSWORD = np.str_('hunter2')
bearer = 'Bearer hunter2'; db_url = 'postgresql://admin:hunter2@db/prod'; url = {'postgresql://admin:hunter2@db': 1}
keys = ['hunter2-0000', 'b']; api_keys = ['a', 'sk-hunters']; service = ['sk-hunter2-hunter2']
setting = 'host=db password=hunter2'
def connect(host, password='hunter2', *, pin='hunter2', url='https://a:hunter2@b'): pass
users = pd.DataFrame({'name': ['ann'], 'password': ['hunter2'], 'note': ['Bearer hunter2']})
"""


def test_what_may_be_a_secret_is_not_told(fresh):
    assert fresh.run(SECRETS).status == "ok"
    found = read(fresh.session(variables_budget=2.0))
    told = " ".join(variable.summary for variable in found.values())
    assert "hunter" not in told
    assert "4711" not in told
    assert (found["pwd"].summary, found["pin"].summary) == ("length 7, not shown", "not shown")
    assert found["connect"].summary == "(host, password=..., *, pin=..., url=length 19, not shown)"
    assert "name str ('ann'); password str (not shown); note str (length 14, not shown)" in found["users"].summary


@pytest.mark.parametrize(
    ("named", "summary"),
    [
        ("tokens = ['the', 'cat']", "length 2 of str: 'the', 'cat'"),
        ("author = 'Ann'", "'Ann'"),
        ("page = 'https://example.org/a:b'", "'https://example.org/a:b'"),
        ("max_tokens = 512", "512"),
        ("key_of = {'a': 'b'}", "length 1 {'a': str}"),
    ],
)
def test_what_is_no_secret_is_told(fresh, named, summary):
    fresh.run(named)
    [variable] = fresh.session(variables_budget=2.0).variables()
    assert variable.summary == summary


MANY = """
import pandas as pd
old = 1
frame = pd.DataFrame({'city': ['Rome']})
for number in range(3000): globals()[f'param_{number}'] = number
"""


def test_all_names_are_known_and_the_most_telling_described(fresh):
    fresh.run(MANY)
    session = fresh.session(variables_budget=2.0)
    found = read(session)
    assert [*found][:2] + [*found][-3:] == ["param_2999", "param_2998", "frame", "old", "pd"]
    assert len(found) == 3004
    assert found["frame"].summary.startswith("1 rows x 1 columns")
    assert (found["old"].type, found["old"].summary) == ("int", "")
    asked = {variable.name: variable.summary for variable in session.variables("print(old)")}
    assert (asked["old"], asked["frame"]) == ("1", found["frame"].summary)
    assert sum(map(bool, asked.values())) == 60


def test_names_do_not_wait_for_descriptions(monkeypatch):
    shell = SimpleNamespace(user_ns={"first": 1, "second": 2}, user_ns_hidden={})
    monkeypatch.setattr(probe, "current_shell", lambda: shell)
    assert json.loads(probe.answer(-1.0)) == [["second", "int", ""], ["first", "int", ""]]


def test_nothing_held_is_not_the_same_as_not_known(fresh):
    assert fresh.session(variables_budget=2.0).variables() == ()
    fresh.run("def broken(*args): raise RuntimeError\nget_ipython().display_formatter.format = broken")
    try:
        assert fresh.session(variables_budget=2.0).variables() is None
    finally:
        fresh.run("del get_ipython().display_formatter.format")


def test_hostile_objects_are_not_asked_anything(fresh):
    assert fresh.run(ZOO).status == "ok"
    found = read(fresh.session(variables_budget=2.0))
    assert {
        "hostile",
        "of_meta",
        "lazy",
        "evil",
        "in_list",
        "in_dict",
        "with_default",
        "objects",
        "array_of",
        "listish",
        "frame_like",
    } <= set(found)
    assert fresh.value("touched") == "[]"
    assert found["huge"].summary == "shape (100000000,), dtype float64"
    assert found["hostile"].type == "Hostile"
    assert found["with_default"].summary == "(a=<Hostile>, *, b=<Evil>)"
    assert found["objects"].summary == "2 rows x 1 columns: o object (<Telltale>, None)"


def test_reading_leaves_nothing_behind(fresh):
    fresh.run("x = 1")
    fresh.run("'the last result'")
    session = fresh.session(variables_budget=2.0)
    assert read(session)
    before = fresh.run(STATE).outputs[0]["data"]["text/plain"]
    fresh.run("'the last result'")
    assert read(session)
    after = fresh.run(STATE).outputs[0]["data"]["text/plain"]
    assert "jupyter_oci" not in after
    assert "the last result" in after
    names = [text.split("[", 2)[2] for text in (before, after)]
    assert names[0] == names[1]


def test_a_shadowed_builtin_does_not_matter(fresh):
    fresh.run("def list(*a): 1 / 0\ntype = str = len = exec = eval = reversed = get_ipython = list\nx = 1")
    found = read(fresh.session(variables_budget=2.0))
    assert found["x"].summary == "1"


def test_a_busy_kernel_is_read_in_a_subshell_that_is_deleted(fresh, drive):
    fresh.run("x = 1")
    user, session = fresh.user(), fresh.session(variables_budget=2.0)
    read(session)
    users = user.execute("import time; time.sleep(2.5)")
    time.sleep(0.3)  # until it runs
    began = time.monotonic()
    assert "x" in read(session)
    assert time.monotonic() - began < 2.5
    assert user._recv_reply(users, timeout=10)["content"]["status"] == "ok"
    assert fresh.value("get_ipython().kernel.shell_channel_thread.manager.list_subshell()") == "[]"


def test_a_figure_that_the_users_cell_is_drawing_is_left_alone(fresh, drive):
    fresh.run("%matplotlib inline\nimport matplotlib.pyplot as plt, time")
    user, session = fresh.user(), fresh.session(variables_budget=2.0)
    read(session)
    users = user.execute("plt.plot([1, 2]); plt.draw(); time.sleep(2); open_figures = plt.get_fignums()")
    time.sleep(0.8)
    assert "plt" in read(session)
    user._recv_reply(users, timeout=10)
    assert fresh.value("open_figures") == "[1]"


def test_a_kernel_that_cannot_answer_costs_the_budget_and_no_more(fresh):
    session = fresh.session(variables_budget=0.3)
    read(session)
    user = fresh.user()
    user.execute("sum(range(4 * 10**7))")  # one call that holds the interpreter
    time.sleep(0.1)
    began = time.monotonic()
    session.variables()
    assert time.monotonic() - began < 1.0


def test_a_kernel_of_another_language_gets_no_python(tmp_path: Path, monkeypatch):
    from jupyter_oci.config import KernelConfig
    from jupyter_oci.kernel.launch import launch_kernel

    spec = tmp_path / "kernels" / "other"
    spec.mkdir(parents=True)
    source = Path(__file__).with_name("other_language_kernel.py")
    argv = f'["python", "{source}", "-f", "{{connection_file}}"]'
    (spec / "kernel.json").write_text(f'{{"argv": {argv}, "display_name": "Other", "language": "other"}}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with launch_kernel(KernelConfig(variables_budget=2.0), tmp_path, "other") as session:
        steps = session.execute("cell", "SHOUT")
        texts = [event.message["content"]["text"] for event in steps if event is not None and event.type == "kernel_output"]
        assert texts == ["received SHOUT\n"]
        assert session.variables() is None
        (again,) = [
            event.message["content"]["text"]
            for event in session.execute("cell", "END")
            if event is not None and event.type == "kernel_output"
        ]
        assert again == "received SHOUT END\n"
