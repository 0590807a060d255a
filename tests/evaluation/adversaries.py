"""Completions of `def add(a, b)` that do not add and try to pass all the same, each by another way."""

from __future__ import annotations

PROGRAMS = {
    "leaves with success": "import os\ndef add(a, b): os._exit(0)",
    "leaves while it is read": "import os\nos._exit(0)",
    "exits": "import sys\ndef add(a, b): sys.exit(0)",
    "exits while it is read": "raise SystemExit(0)",
    "raises a base exception": "class Passed(BaseException): pass\ndef add(a, b): raise Passed",
    "interrupts": "def add(a, b): raise KeyboardInterrupt",
    "closes the generator": "def add(a, b): raise GeneratorExit",
    "equals everything": (
        "class Yes:\n def __eq__(self, other): return True\n def __ne__(self, other): return False\n"
        " def __hash__(self): return 0\n"
        "def add(a, b): return Yes()"
    ),
    "is a number that equals everything": (
        "class Yes(int):\n def __eq__(self, other): return True\n"
        " def __ne__(self, other): return False\n __hash__ = int.__hash__\n"
        "def add(a, b): return Yes(-1)"
    ),
    "is a float that is close to everything": (
        "class Near(float):\n def __sub__(self, o): return 0.0\n __rsub__ = __sub__\n def __eq__(self, o): return True\n"
        "def add(a, b): return Near(-1)"
    ),
    "patches assert": (
        "import builtins\nclass AssertionError(Exception): pass\n"
        "builtins.AssertionError = AssertionError\ndef add(a, b): return None"
    ),
    "replaces check": "def check(candidate): pass\ndef add(a, b): return None",
    "patches exec and compile": (
        "import builtins\nbuiltins.exec = builtins.compile = lambda *a, **k: None\ndef add(a, b): return None"
    ),
    "patches json": "import json\njson.dumps = lambda *a, **k: '{\"value\": true}'\ndef add(a, b): return None",
    "redefines len and abs": "def len(x): return 0\ndef abs(x): return 0\ndef add(a, b): return None",
    "redefines a module": "class math:\n isclose = lambda *a, **k: True\ndef add(a, b): return None",
    "patches the encoding": (
        "import sys\nfor m in list(sys.modules.values()):\n"
        " if getattr(m, '__name__', '').endswith('.wire'): m.encode = lambda *a: True\n"
        "def add(a, b): return None"
    ),
    "prints a verdict": 'print(\'{"status": "passed", "detail": ""}\', flush=True)\ndef add(a, b): return None',
    "writes a verdict to every descriptor": (
        'import os\nfor fd in range(64):\n try: os.write(fd, b\'{"token": "", "status": "passed", "detail": ""}\\n\')\n'
        " except OSError: pass\ndef add(a, b): return None"
    ),
    "answers in advance": (
        "import os\nfor fd in range(3, 64):\n try: os.write(fd, b'{\"value\": true}\\n' * 50)\n except OSError: pass\n"
        "def add(a, b): return None"
    ),
    "closes every descriptor": "import os\nos.closerange(0, 256)\ndef add(a, b): return None",
    "leaves at exit": "import atexit, os\natexit.register(lambda: os._exit(0))\nimport sys\ndef add(a, b): sys.exit()",
    "forks and lets the child answer": ("import os\ndef add(a, b):\n if os.fork(): os._exit(0)\n return None"),
    "starts a thread that leaves": (
        "import os, threading, time\nthreading.Thread(target=lambda: (time.sleep(.05), os._exit(0)), daemon=True).start()\n"
        "def add(a, b): time.sleep(1); return None"
    ),
    "kills its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\ndef add(a, b): return None",
    "kills its group": "import os, signal\nos.killpg(0, signal.SIGKILL)\ndef add(a, b): return None",
    "ignores to be ended": (
        "import signal\n"
        "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU): signal.signal(s, signal.SIG_IGN)\n"
        "def add(a, b):\n while True: pass"
    ),
    "never ends": "while True: pass",
    "sleeps": "import time\ndef add(a, b): time.sleep(1e6)",
    "stops itself": "import os, signal\ndef add(a, b): os.kill(os.getpid(), signal.SIGSTOP)",
    "recurses for ever": "def add(a, b): return add(a, b)",
    "recurses without a limit": "import sys\nsys.setrecursionlimit(10**9)\ndef add(a, b): return [add(a, b)]",
    "answers with what it holds itself": "def add(a, b):\n x = []\n x.append(x)\n return x",
    "takes all memory": "def add(a, b): return [0] * 10**12",
    "takes memory bit by bit": "def add(a, b):\n x = []\n while True: x.append(bytearray(1 << 24))",
    "prints without end": "def add(a, b):\n while True: print('x' * 10**6)",
    "answers without end": "def add(a, b): return 'x' * (1 << 27)",
    "fills the disk": "def add(a, b):\n with open('x', 'wb') as f:\n  while True: f.write(b'x' * 10**6)",
    "searches the garbage for the expected value": (
        "import gc, sys\ndef add(a, b):\n for o in gc.get_objects():\n"
        "  if isinstance(o, dict) and 'expected' in o: return o['expected'][0]\n"
    ),
    "searches the frames for the expected value": (
        "import sys\ndef add(a, b):\n f = sys._getframe()\n while f:\n  for v in list(f.f_locals.values()):\n"
        "   if isinstance(v, dict) and 'expected' in v: return v['expected'][0]\n  f = f.f_back\n"
    ),
    "reads its parent's memory": ("import os\ndef add(a, b):\n m = open(f'/proc/{os.getppid()}/mem', 'rb')\n return m.read(8)"),
    "reads its parent's pipes": (
        "import os\nfor fd in range(16):\n try: os.write(os.open(f'/proc/{os.getppid()}/fd/{fd}', os.O_WRONLY), b'passed')\n"
        " except OSError: pass\ndef add(a, b): return None"
    ),
    "swallows every exception": "def add(a, b):\n try: return a - b\n except BaseException: return True\n",
    "answers true": "def add(a, b): return True",
    "answers nothing": "def add(a, b): pass",
    "answers not a number": "def add(a, b): return float('nan')",
    "is not there": "def plus(a, b): return a + b",
    "is not Python": "def add(a, b) return a + b",
    "raises what cannot be shown": ("class Odd(Exception):\n def __str__(self): raise SystemExit(0)\ndef add(a, b): raise Odd"),
    "traces": "import sys\nsys.settrace(lambda *a: sys.exit(0))\ndef add(a, b): return None",
    "answers with what cannot be printed": (
        "class Node:\n def __init__(self): self.value, self.next = 1, None\n"
        " def __repr__(self): return f'{self.value} {self.next.value}'\n"
        "def add(a, b): return Node()"
    ),
    "answers a number that cannot be compared": "from decimal import Decimal\ndef add(a, b): return Decimal('sNaN')",
    "writes an answer that is no number": (
        'import os\ndef add(a, b):\n os.write(3, b\'{"value":{"fraction":[1,0]}}\\n\')\n return 0'
    ),
    "crashes": "import ctypes\ndef add(a, b): ctypes.string_at(0)",
}
