"""No server: the model is one of the session's own, and the agent runs right here."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap

import pytest

from jupyter_oci.config import ModelConfig
from jupyter_oci.model.scripted import ScriptedModel

ADDED = "I add.\n\n```python\ntotal = sum(values)\nprint('total', total)\n```"
PROMPT = "# Request\n"


def run(shell, source):
    return shell.run_cell(source, store_history=True)


def next_input(shell):
    return getattr(shell, "rl_next_input", None)


def test_the_code_goes_into_the_next_input_and_the_prose_to_the_terminal(make_shell, capsys):
    shell = make_shell([ADDED])
    assert run(shell, "%oci add them").success
    assert next_input(shell) == "total = sum(values)\nprint('total', total)"
    assert "I add." in capsys.readouterr().out
    assert "total" not in shell.user_ns


def test_a_prompt_of_several_lines(make_shell):
    shell = make_shell({"several\nlines": [ADDED]})
    assert run(shell, "%%oci --rounds 2\nseveral\nlines").success
    assert next_input(shell).startswith("total")


def test_what_several_magics_of_a_cell_write_goes_into_one_cell(make_shell):
    shell = make_shell({PROMPT + "do a": ["```python\na = 1\n```"], PROMPT + "do b": ["```python\nb = 2\n```"]})
    assert run(shell, "for what in 'ab':\n    %oci do {what}\nthen = 3").success
    assert next_input(shell) == "a = 1\n\nb = 2"
    assert shell.user_ns["then"] == 3
    run(shell, "%oci do b")
    assert next_input(shell) == "b = 2"


def test_a_local_name_is_expanded(make_shell):
    shell = make_shell({PROMPT + "show 42": ["```python\nfound = 1\n```"]})
    run(shell, "def ask():\n    hidden = 42\n    %oci show {hidden}\nask()")
    assert next_input(shell) == "found = 1"


def test_the_agent_runs_in_the_namespace_and_revises_what_fails(make_shell, capsys):
    shell = make_shell(["```python\nprint(valeus)\n```", ADDED, "The total is 6."])
    run(shell, "values = [1, 2, 3]")
    before = shell.execution_count
    assert run(shell, "%oci run add them").success
    assert shell.user_ns["total"] == 6
    assert shell.execution_count == before + 1
    printed = capsys.readouterr().out
    places = [printed.index(text) for text in ("valeus", "NameError", "│ total", "total 6", "The total is 6.")]
    assert places == sorted(places)


def test_what_another_extension_shows_tracebacks_with_is_there_again(make_shell):
    def own(*_):
        """Show nothing."""

    shell = make_shell(["```python\nprint(valeus)\n```", ADDED, "The total is 6."])
    shell._showtraceback = own
    run(shell, "values = [1, 2, 3]")
    assert run(shell, "%oci run add them").success
    assert vars(shell)["_showtraceback"] is own


def test_a_model_server_gets_the_key_and_what_runs_here_does_not(make_shell, monkeypatch):
    monkeypatch.setenv("JUPYTER_OCI_ENDPOINT_KEY", "s3cret")
    shell, keys = make_shell([]), {}

    def factory(config):
        keys[config.name] = config.endpoint_key
        return ScriptedModel(["```python\nimport os\nprint(os.environ.get('JUPYTER_OCI_ENDPOINT_KEY'))\n```", "Done."])

    shell.magics_manager.registry["OCIMagics"].model_factory = factory
    address = "http://gpu.example:8000/v1#name"
    assert run(shell, f"%oci run --model {address} show the key").success
    assert run(shell, "%oci --model qwen2.5-coder-0.5b-instruct show the key").success
    assert keys == {address: "s3cret", "qwen2.5-coder-0.5b-instruct": ""}
    assert "JUPYTER_OCI_ENDPOINT_KEY" not in os.environ


def test_models_are_in_the_folder_that_is_set(make_shell, tmp_path, monkeypatch, capsys):
    folders = []
    monkeypatch.setattr("jupyter_oci.model.open_model.open_model", lambda _, cache_dir=None: folders.append(cache_dir))
    (tmp_path / "models" / "owner--name" / "files").mkdir(parents=True)
    shell = make_shell([])
    magics = shell.magics_manager.registry["OCIMagics"]
    magics.cache_dir = str(tmp_path)
    magics.trait_defaults("model_factory")(ModelConfig())
    assert folders == [tmp_path]
    assert run(shell, "%oci models").success
    assert "owner/name" in capsys.readouterr().out


def test_what_deletes_is_skipped_where_nobody_can_be_asked(make_shell, tmp_path, capsys, monkeypatch):
    victim = tmp_path / "victim"
    victim.touch()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    shell = make_shell([f"```python\nimport os\nos.remove({str(victim)!r})\n```"])
    assert run(shell, "%oci run clean up").success
    assert victim.exists()
    assert "deletes" in capsys.readouterr().out


def test_what_is_typed_at_a_question_and_is_no_answer_changes_the_code(make_shell, tmp_path, capsys, monkeypatch):
    victim, kept = tmp_path / "victim", tmp_path / "kept"
    victim.touch()
    kept.touch()
    answers = iter(["keep the other one", "y"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers) if "or say what to change" in prompt else "")
    remove = "```python\nimport os\nos.remove({!r})\n```"
    shell = make_shell({"keep the other": [remove.format(str(victim)), "It is gone."], "": [remove.format(str(kept))]})
    assert run(shell, "%oci run clean up").success
    assert (victim.exists(), kept.exists()) == (False, True)


def test_a_run_without_run_only_writes(make_shell):
    shell = make_shell([ADDED])
    assert run(shell, "%oci run --no-run add them").success
    assert next_input(shell).startswith("total")
    assert "total" not in shell.user_ns


def test_a_run_that_gives_up_fails_the_cell_in_one_line(make_shell, capsys):
    shell = make_shell(["```python\n1 / 0\n```"])
    assert not run(shell, "%oci run --rounds 1 divide").success
    assert "still fails" in capsys.readouterr().out.splitlines()[-1]


def test_the_code_that_was_interrupted_ends_the_cell(make_shell):
    shell = make_shell(["```python\nraise KeyboardInterrupt\n```"])
    result = run(shell, "try:\n    %oci run wait\nexcept Exception:\n    pass")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)


def test_the_error_before_the_extension_was_loaded_is_known(make_shell):
    shell = make_shell({"ZeroDivisionError": ["```python\n1 / 2\n```"], "": ["no"]})
    run(shell, "%unload_ext jupyter_oci")
    run(shell, "1 / 0")
    run(shell, "%load_ext jupyter_oci")
    assert run(shell, "%oci fix").success
    assert next_input(shell) == "1 / 2"


def test_a_cell_that_is_named_is_fixed_as_wished_and_keeps_its_comments(make_shell, capsys):
    shell = make_shell({"should be 5": ["It is one short.\n```python\nx = 5\nx\n```"], "": ["other"]})
    run(shell, "# mine\nx = 4\nx")
    number = shell.execution_count - 1
    run(shell, "y = 1")
    capsys.readouterr()
    assert run(shell, f"%oci fix In[{number}] x should be 5").success
    assert next_input(shell) == "# mine\nx = 5\nx"
    shown = capsys.readouterr().out
    assert shown.splitlines() == ["It is one short.", "What must hold when you run it:", "│ assert x == 5"]
    assert shell.user_ns["x"] == 4


def test_a_cell_is_written_anew_as_the_prompt_says(make_shell):
    shell = make_shell({"start at 2": ["```python\nx = 2\nx\n```"], "": ["other"]})
    run(shell, "x = 1\nx")
    assert run(shell, "%oci edit start at 2").success
    assert next_input(shell) == "x = 2\nx"
    assert shell.user_ns["x"] == 1


def test_a_change_that_fails_the_users_check_is_not_proposed(make_shell):
    replies = ["```python\ndef half(n):\n    return n // 3\n```", "```python\ndef half(n):\n    return n / 2\n```"]
    shell = make_shell(replies)
    run(shell, "def half(n):\n    return n // 2")
    run(shell, "assert half(3) == 1.5")
    assert run(shell, f"%oci fix In[{shell.execution_count - 2}]").success
    assert next_input(shell) == "def half(n):\n    return n / 2"


def test_the_cause_in_another_cell_is_named_and_that_cell_is_mended(make_shell, capsys):
    shell = make_shell(["It is not divided.\n```python\ndef mean(xs):\n    return sum(xs) / len(xs)\n```"])
    run(shell, "def mean(xs):\n    return sum(xs)")
    run(shell, "assert mean([1, 3]) == 2")
    assert run(shell, "%oci fix").success
    assert next_input(shell) == "def mean(xs):\n    return sum(xs) / len(xs)"
    assert "The cause is in another cell, cell [2] `def mean(xs):`: It is not divided." in capsys.readouterr().out


def test_a_missing_package_needs_no_model(make_shell, capsys):
    shell = make_shell([])
    run(shell, "import pptx")
    assert run(shell, "%oci fix").success
    assert next_input(shell) == "%pip install python-pptx\nimport pptx"
    assert "the package `python-pptx` provides it" in capsys.readouterr().out


def test_a_wrong_result_without_a_word_gets_a_check_that_is_marked(make_shell, capsys):
    shell = make_shell({"assert statements": ["```python\nassert x == 5\n```"], "": ["```python\nx = 5\n```"]})
    run(shell, "x = 4")
    assert run(shell, f"%oci fix In[{shell.execution_count - 1}]").success
    assert "A check of the agent's own" in capsys.readouterr().out


def test_the_same_code_again_is_no_fix(make_shell, capsys):
    shell = make_shell(["```python\n1 / 0\n```"])
    run(shell, "1 / 0")
    assert not run(shell, "%oci fix").success
    assert "found no (other) change" in capsys.readouterr().out
    assert next_input(shell) is None


def test_a_prompt_gets_cells_results_and_errors(make_shell):
    wanted = PROMPT + "a [1, 2] b 6 * 7 c 42 d {kept} e ZeroDivisionError"
    shell = make_shell({wanted: ["```python\nfound = 1\n```"], "": ["no"]})
    run(shell, "values = [1, 2]")
    run(shell, "6 * 7")
    number = shell.execution_count - 1
    run(shell, "1 / 0")
    shell.user_ns["name"] = "ZeroDivisionError"
    prompt = f"a {{values}} b {{In[{number}]}} c {{Out[{number}]}} d {{{{kept}}}} e {{name}} f {{Err[{number + 1}]}}"
    assert run(shell, f"%oci {prompt}").success
    assert next_input(shell) == "found = 1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%oci {absent}", "no variable 'absent'"),
        ("%oci {Out[99]}", "no result Out[99]"),
        ("%oci fix In[99]", "no cell In[99]"),
        ("%oci fix In[1]", "only asks the agent"),
        ("%oci fix", "No cell has failed"),
        ("%oci edit In[1]", "say what is to change"),
        ("%oci run", "needs a prompt"),
        ("%oci --wrong x", "no option --wrong"),
        ("%oci model no such", ""),
        ("%oci model nosuch", "no model 'nosuch'"),
        ("%oci break", "The model is broken."),
    ],
)
def test_an_error_is_one_line_and_fails_the_cell(line, said, make_shell, capsys):
    from jupyter_oci.errors import ModelError

    shell = make_shell({PROMPT: [ModelError("The model is broken.")]})
    sys.last_value = None
    capsys.readouterr()
    assert not run(shell, line).success
    shown = [row for row in capsys.readouterr().out.splitlines() if row]
    assert len(shown) == 1
    assert said in shown[0]


def test_one_worker_serves_the_session_and_ends_with_it(tmp_path):
    program = """
        import os
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config
        made = []
        class Model:
            def __new__(cls, config):
                from jupyter_oci.model.scripted import ScriptedModel
                model = ScriptedModel(["```python\\nx = 1\\n```"])
                made.append(model)
                model.close = lambda: print("closed", flush=True)
                return model
        config = Config()
        config.OCIMagics.model_factory = Model
        config.HistoryManager.enabled = False
        shell = InteractiveShell.instance(config=config)
        for line in ("%load_ext jupyter_oci", "%oci a", "%oci b"):
            assert shell.run_cell(line).success
        import sys
        print(len(made), "torch" in sys.modules)
    """
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-2:] == ["1 False", "closed"]


@pytest.mark.parametrize(
    "source",
    [
        "%oci what is the sum?",
        "then = 3\n%oci what is the sum?  ",
        '# """\n%oci what is the sum?',
        "for i in 'a':\n    i\n%oci what is the sum?",
        "%oci what is the sum??",
    ],
)
def test_a_prompt_may_end_with_a_question_mark(make_shell, capsys, source):
    shell = make_shell({PROMPT + "what is the sum?": [ADDED]})
    assert run(shell, source).success
    assert next_input(shell).startswith("total")
    assert "not found" not in capsys.readouterr().out


def test_text_with_such_a_line_stays_as_it_is(make_shell):
    shell = make_shell([ADDED])
    run(shell, 'text = """\n%oci what?\n"""')
    assert shell.user_ns["text"] == "\n%oci what?\n"
    run(shell, "%unload_ext jupyter_oci")
    run(shell, "%oci?")
    assert next_input(shell) is None


def test_a_fix_that_was_tried_leaves_the_users_error_the_last(make_shell, capsys):
    shell = make_shell({"": ["I do not know."]})
    run(shell, "def half(n):\n    return n // 2")
    run(shell, "assert half(3) == 1.5")
    run(shell, "%oci fix")
    assert "n / 2" in next_input(shell)
    assert isinstance(sys.last_value, AssertionError)
    for _ in range(2):
        shell.rl_next_input = None
        run(shell, "%oci fix")
        assert "n / 2" in next_input(shell)
    capsys.readouterr()
    run(shell, "%tb")
    shown = capsys.readouterr()
    assert "half(3)" in shown.out + shown.err
    assert "TrialTold" not in shown.out + shown.err


def test_a_script_gets_the_code_on_its_terminal(make_shell, capsys, monkeypatch):
    shell = make_shell([ADDED])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    run(shell, "%oci add them")
    assert "total = sum(values)" in capsys.readouterr().out
