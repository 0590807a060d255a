"""What code visibly does beyond computing, in plain words: reasons to ask before it runs.

These are labels, not a wall: code can hide what it does, so that none were found never means that it is safe.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from .plain_text import has_invisible
from .python_text import as_python, quiet

INSTALLS = "It installs or removes packages"
SHELL = "It runs a shell command or another program."
NETWORK = "It uses the network."
DELETES = "It deletes or moves files."
DELETES_ROWS = "It deletes data of a database."
WRITES_OUTSIDE = "It writes outside the notebook's folder."
ENDS_KERNEL = "It ends the kernel or clears its variables."
RUNS_TEXT = "It runs text as code."
INVISIBLE_CHARACTERS = "It has invisible characters, so it may not be what it looks like."

# Dotted names, by what calling them (or anything below them) does.
_CALLS: dict[str, tuple[str, ...]] = {
    SHELL: (
        "os.system",
        "os.popen",
        "os.exec",
        "os.spawn",
        "os.posix_spawn",
        "os.fork",
        "posix.",
        "subprocess.",
        "pty.spawn",
        "ctypes.",
        "asyncio.create_subprocess",
        "multiprocessing.Process",
    ),
    NETWORK: (
        "requests.",
        "urllib.request.",
        "urllib3.",
        "httpx.",
        "aiohttp.",
        "socket.",
        "http.client.",
        "ftplib.",
        "smtplib.",
        "paramiko.",
        "boto3.",
        "yfinance.",
        "websockets.",
        "telnetlib.",
        "xmlrpc.client.",
        "huggingface_hub.",
        "gensim.downloader.",
        "kagglehub.",
        "nltk.download",
        "openai.",
        "psycopg.connect",
        "psycopg2.connect",
        "pymysql.connect",
        "mysql.connector.connect",
        "selenium.",
        "tensorflow_datasets.load",
        "torch.hub.",
        "transformers.pipeline",
        "webbrowser.",
    ),
    DELETES: ("os.remove", "os.unlink", "os.rmdir", "os.rename", "os.replace", "os.truncate", "shutil.rmtree", "shutil.move"),
    ENDS_KERNEL: ("exit", "quit", "os._exit", "os.abort", "os.kill", "os.closerange", "signal.raise_signal"),
    RUNS_TEXT: ("exec", "eval", "compile", "runpy.", "__import__"),
    INSTALLS + ".": ("pip.", "ensurepip.", "micropip.", "conda."),
}
# Names, by what calling them does wherever they come from.
_LAST_NAMES = {
    **dict.fromkeys(("unlink", "rmdir", "rmtree"), DELETES),
    **dict.fromkeys(("load_dataset", "get_rdataset", "from_pretrained"), NETWORK),
    "do_shutdown": ENDS_KERNEL,
    "getoutput": SHELL,
}
_FETCHERS = re.compile(r"fetch_(?:20newsgroups|california|covtype|kddcup99|lfw|olivetti|openml|rcv1|species)\w*")
_KERAS_DATA = re.compile(r"(?:.*\.)?datasets\.\w+\.load_data")
_PATHS = ("Path", "pathlib.Path", "PosixPath", "pathlib.PosixPath")
_MAGICS = {
    **dict.fromkeys(("pip", "conda", "mamba", "micromamba", "uv"), INSTALLS),
    **dict.fromkeys(
        ("bash", "sh", "script", "system", "sx", "cmd", "cp", "ln", "perl", "ruby", "javascript", "js", "html"), SHELL
    ),
    **dict.fromkeys(("run", "load", "loadpy", "macro", "load_ext"), RUNS_TEXT),
    **dict.fromkeys(("rm", "rmdir", "mv"), DELETES),
    **dict.fromkeys(("reset", "reset_selective", "xdel", "killbgscripts"), ENDS_KERNEL),
}
_FIRST_WORD = re.compile(r"(?P<name>\w+)(?P<rest>(?:\s.*)?)")
_OPERATOR = re.compile(r"\s+(?:(?:[-+%@&|^]|\*\*?|//?|<<?|>>?)=?\s|!=|[=,]|(?:and|if|in|is|not|or)\s)")
_WITHOUT_ARGUMENTS = ("killbgscripts", "reset")
_OPTIONS = re.compile(r"\s*(?:-[a-zA-Z]\s*\d*\s+)*")
_TIMERS = ("time", "timeit", "prun", "memit")
_INSTALL_COMMAND = re.compile(
    r"\b(?:pip3?|conda|mamba|uv|apt|apt-get|npm|poetry)\b[^|;&\n]*?\b(?:install|uninstall|remove|add)\b(?P<names>[^|;&\n]*)"
)
_DELETING = re.compile(r"(?:^|[;&|]|\b(?:sudo|xargs))\s*(?:rm|rmdir|mv|del|erase|shred|unlink)\b")
_ADDRESS = re.compile(r"(?!(?:duckdb|file|memory|sqlite)\b)[a-z][a-z0-9]*(?:\+\w+)?://", re.IGNORECASE)
_QUERIES = ("execute", "executemany", "executescript", "query", "read_sql", "read_sql_query", "sql")
_DELETING_ROWS = re.compile(r"\b(?:(?:DROP|TRUNCATE)\s+\w|DELETE\s+FROM\b)", re.IGNORECASE)
_PLAIN_TEXT = ("print", "write", "append", "format", "startswith", "replace", "split", "join", "add", "Markdown")
_WRITERS = re.compile(
    r"to_(?:csv|excel|json|parquet|pickle|hdf|feather|html|sql|stata|latex|markdown)|savefig|save|savez|savetxt|dump|"
    r"makedirs|extractall"
)
_PATH_ARGUMENTS = ("path", "path_or_buf", "fname", "file", "filename", "excel_writer", "buf")
_SHELL_CALLS = ("get_ipython.system", "get_ipython.getoutput", "os.system", "os.popen", "subprocess.")


def effects(source: str) -> tuple[str, ...]:
    """Name the effects found in a cell, each once; empty if none were found or the code cannot be parsed (it will not run)."""
    found = [INVISIBLE_CHARACTERS] if has_invisible(source) else []
    tree = _parse(source)
    if tree is not None:
        names = _imported_names(tree)
        values = _assigned(tree)
        found += [effect for node in ast.walk(tree) if isinstance(node, ast.Call) for effect in _effects_of(node, names, values)]
        found += [ENDS_KERNEL for node in tree.body if _names_killer(node)]
    return tuple(dict.fromkeys(found))


def _parse(source: str) -> ast.Module | None:
    with quiet():
        try:
            plain = as_python(source)
            return ast.parse(_automagic(plain) or plain)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _automagic(source: str) -> str:
    """Write out what IPython makes of a cell of one line that begins with the name of a magic, and is hardly Python."""
    match = _FIRST_WORD.fullmatch(source.strip())
    if match is None or match["name"] not in (*_MAGICS, *_TIMERS):
        return ""
    is_python = _OPERATOR.match(match["rest"]) if match["rest"] else match["name"] not in _WITHOUT_ARGUMENTS
    return "" if is_python else f"get_ipython().run_line_magic({match['name']!r}, {match['rest'].strip()!r})"


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Map the names that the code imports to what they stand for: `import os as o` gives `{"o": "os"}`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Map each name to what the code assigns to it."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return values


def _texts(node: ast.AST, values: Mapping[str, Sequence[ast.expr]]) -> list[str]:
    """Give the texts that stand in an expression, and in what was assigned to its names."""
    of_names = [value for each in ast.walk(node) if isinstance(each, ast.Name) for value in values.get(each.id, ())]
    parts = [part for whole in (node, *of_names) for part in ast.walk(whole) if isinstance(part, ast.Constant)]
    return [part.value for part in parts if isinstance(part.value, str)]


def _effects_of(call: ast.Call, names: dict[str, str], values: Mapping[str, Sequence[ast.expr]]) -> Iterator[str]:
    name = _dotted(call.func, names)
    last = name.rpartition(".")[2]
    words = [text for argument in call.args for text in _texts(argument, {})]
    yield from (effect for effect, prefixes in _CALLS.items() if _is_one_of(name, prefixes))
    if effect := _LAST_NAMES.get(last) or (NETWORK if _downloads(call, name) else None):
        yield effect
    if last in ("rename", "replace") and _is_path(call.func, names, values):
        yield DELETES
    if name.startswith("get_ipython.run_"):
        yield from _magic(name, words)
    elif name.startswith(_SHELL_CALLS):
        yield from (DELETES, SHELL) if _DELETING.search(" ".join(words)) else (SHELL,)
        yield from _installed(" ".join(words))
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if _deletes_rows(last, given, values):
        yield DELETES_ROWS
    if last not in _PLAIN_TEXT and any(_ADDRESS.match(text) for each in given for text in _texts(each, values)):
        yield NETWORK
    if _writes_outside(call, last, values):
        yield WRITES_OUTSIDE


def _deletes_rows(last: str, given: Sequence[ast.expr], values: Mapping[str, Sequence[ast.expr]]) -> bool:
    """Whether a call sends a query that deletes, or writes a table in the place of another."""
    texts = [text for each in given for text in _texts(each, values)]
    return (last in _QUERIES and any(map(_DELETING_ROWS.search, texts))) or (last == "to_sql" and "replace" in texts)


def _downloads(call: ast.Call, name: str) -> bool:
    """Whether a call fetches data that libraries offer."""
    asked = any(keyword.arg == "download" and ast.unparse(keyword.value) == "True" for keyword in call.keywords)
    return asked or bool(_FETCHERS.fullmatch(name.rpartition(".")[2]) or _KERAS_DATA.fullmatch(name))


def _magic(name: str, words: Sequence[str]) -> Iterator[str]:
    magic, rest = (words[0] if words else ""), " ".join(words[1:])
    effect = _MAGICS.get(magic)
    if effect == INSTALLS:
        yield from _installed(f"{magic} {rest}")
    elif effect:
        yield effect
    elif name.endswith("run_cell_magic"):  # %%time, %%capture: the cell below the magic is code of its own
        yield from effects("\n".join(words[2:]))
    elif magic in _TIMERS:
        yield from effects(_OPTIONS.sub("", rest, count=1))
    if magic == "sql" and _DELETING_ROWS.search(rest):
        yield DELETES_ROWS
    if magic in ("writefile", "file") and _is_outside(rest.split("\n")[0].strip().removeprefix("-a ")):
        yield WRITES_OUTSIDE


def _installed(command: str) -> Iterator[str]:
    """Name the packages, so that a wrong or invented name can be seen."""
    packages = packages_in(command)
    if packages is not None:
        yield f"{INSTALLS}: {', '.join(packages)}." if packages else f"{INSTALLS}."


def packages_in(command: str) -> list[str] | None:
    """Give the packages that a command installs or removes, as it names them; None: it does neither."""
    match = _INSTALL_COMMAND.search(command)
    return [word for word in match["names"].split() if not word.startswith("-")] if match else None


def _is_one_of(name: str, prefixes: Sequence[str]) -> bool:
    """Match a whole name, or with a prefix of two parts (`os.exec`, `requests.`) all that begins so."""
    return any(name == prefix or ("." in prefix and name.startswith(prefix)) for prefix in prefixes)


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Give `os.path.join` for the expression; of calls on the way only the name counts."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return _dotted(node.func, names) if isinstance(node, ast.Call) else ""


def _names_killer(statement: ast.stmt) -> bool:
    """IPython's autocall: a bare `exit` or `quit` is a call."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name) and statement.value.id in ("exit", "quit")


def _is_path(function: ast.expr, names: dict[str, str], values: Mapping[str, Sequence[ast.expr]]) -> bool:
    """Whether a method is one of a path: of `Path(...)`, or of a name that one was assigned to."""
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    made = values.get(owner.id, ()) if isinstance(owner, ast.Name) else [owner]
    return any(isinstance(each, ast.Call) and _dotted(each, names) in _PATHS for each in made)


def _writes_outside(call: ast.Call, last: str, values: Mapping[str, Sequence[ast.expr]]) -> bool:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    places = call.args[:1] or [value for name, value in keywords.items() if name in _PATH_ARGUMENTS]
    if last in ("write_text", "write_bytes", "mkdir", "touch") and isinstance(call.func, ast.Attribute):
        places = [call.func.value, *(call.args if last == "mkdir" else ())]
    elif last == "open":
        modes = [text for each in (*call.args[1:2], *filter(None, [keywords.get("mode")])) for text in _texts(each, values)]
        if not any(set(mode) & set("wax+") for mode in modes):
            return False
    elif not _WRITERS.fullmatch(last):
        return False
    return any(_is_outside(text) for place in places for text in _texts(place, values))


def _is_outside(path: str) -> bool:
    temporary = path.startswith(("/tmp/", "/dev/null"))  # noqa: S108 - looked for, not used
    absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute() or path.startswith("~")
    return (absolute and not temporary) or ".." in PurePosixPath(path).parts
