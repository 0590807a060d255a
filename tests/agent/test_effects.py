from __future__ import annotations

import pytest

from jupyter_oci.agent.effects import (
    DELETES,
    DELETES_ROWS,
    ENDS_KERNEL,
    INVISIBLE_CHARACTERS,
    NETWORK,
    RUNS_TEXT,
    SHELL,
    WRITES_OUTSIDE,
    effects,
)


@pytest.mark.parametrize(
    "source",
    [
        "!pip install pandsa",
        "%pip install -q pandsa",
        "%conda install pandsa",
        "pip install pandsa",
        "  conda install -y pandsa\n",
        ">>> pip install pandsa",
        "In [1]: pip install pandsa",
        "pip\tinstall pandsa",
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'pandsa'])",
        "get_ipython().system('pip install pandsa')",
        "import os\nos.system('pip install pandsa')",
        "try:\n    import pandsa\nexcept ImportError:\n    !pip install pandsa",
    ],
)
def test_every_way_to_install_is_found_with_the_name_of_the_package(source):
    assert any(effect.endswith(": pandsa.") for effect in effects(source))


@pytest.mark.parametrize(
    ("source", "effect"),
    [
        ("!ls", SHELL),
        ("files = !ls", SHELL),
        ("%%bash\nls", SHELL),
        ("import os as o\no.system('ls')", SHELL),
        ("from subprocess import run\nrun('ls')", SHELL),
        ("def f():\n    import os\n    return os.popen('ls').read()", SHELL),
        ("%time os.system('ls')", SHELL),
        ("import requests as r\nr.get(url)", NETWORK),
        ("pd.read_csv('https://example.org/a.csv')", NETWORK),
        ("from urllib.request import urlopen\nurlopen(url)", NETWORK),
        ("url = 'https://example.org/a.csv'\npd.read_csv(url)", NETWORK),
        ("pd.read_csv(filepath_or_buffer='https://example.org/a.csv')", NETWORK),
        ("base = 'https://example.org/'\nfor year in years:\n    pd.read_csv(base + f'{year}.csv')", NETWORK),
        ("base = 'https://example.org'\npd.read_csv(f'{base}/a.csv')", NETWORK),
        ("tips = sns.load_dataset('tips')", NETWORK),
        ("from sklearn.datasets import fetch_california_housing\nfetch_california_housing()", NETWORK),
        ("from pathlib import Path\nPath('a.csv').rename('b.csv')", DELETES),
        ("import pathlib\nold = pathlib.Path('a.csv')\nold.replace('b.csv')", DELETES),
        ("path = '/home/someone/a.csv'\ndf.to_csv(path)", WRITES_OUTSIDE),
        ("df.to_csv(path_or_buf='/home/someone/a.csv')", WRITES_OUTSIDE),
        ("plt.savefig(fname='../plot.png')", WRITES_OUTSIDE),
        ("path = '../a.txt'\nwith open(path, 'w') as f:\n    pass", WRITES_OUTSIDE),
        ("%%time\nimport httpx\nhttpx.get(url)", NETWORK),
        ("os.remove('a.csv')", DELETES),
        ("from shutil import rmtree\nrmtree('data')", DELETES),
        ("from pathlib import Path\nPath('a').unlink()", DELETES),
        ("df.to_csv('/home/someone/a.csv')", WRITES_OUTSIDE),
        ("open('../a.txt', 'w').write('x')", WRITES_OUTSIDE),
        ("with open('~/a', mode='a') as f:\n    pass", WRITES_OUTSIDE),
        ("from pathlib import Path\nPath('/etc/motd').write_text('x')", WRITES_OUTSIDE),
        ("%%writefile ../a.py\nx = 1", WRITES_OUTSIDE),
        ("%%file ../a.py\nx = 1", WRITES_OUTSIDE),
        ("exit()", ENDS_KERNEL),
        ("quit", ENDS_KERNEL),
        ("import os\nos._exit(0)", ENDS_KERNEL),
        ("os.kill(os.getpid(), 9)", ENDS_KERNEL),
        ("%reset -f", ENDS_KERNEL),
        ("reset -f", ENDS_KERNEL),
        ("reset", ENDS_KERNEL),
        ("rm .env", DELETES),
        ("!rm expenses.csv", DELETES),
        ("!ls && rm -r data", DELETES),
        ("import os\nos.system('mv a.csv b.csv')", DELETES),
        ("rm [ab].csv", DELETES),
        ("rm -- a.csv", DELETES),
        ("time os.remove('a')", DELETES),
        ("timeit -n1 -r1 os.remove('a')", DELETES),
        ("%timeit -n 1 -q os.remove('a')", DELETES),
        ("cp -f a.csv b.csv", SHELL),
        ("%rm a.csv", DELETES),
        ("rm -rf data", DELETES),
        ("mv a.csv b.csv", DELETES),
        ("run other.py", RUNS_TEXT),
        ("exec(text)", RUNS_TEXT),
        ("%run other.py", RUNS_TEXT),
        ("import nltk\nnltk.download('punkt')", NETWORK),
        ("from transformers import pipeline\np = pipeline('sentiment-analysis')", NETWORK),
        ("from transformers import AutoModel\nAutoModel.from_pretrained('bert-base-uncased')", NETWORK),
        ("import torchvision\ntorchvision.datasets.MNIST('data', download=True)", NETWORK),
        ("from tensorflow import keras\nkeras.datasets.mnist.load_data()", NETWORK),
        ("from keras.datasets import mnist\nmnist.load_data()", NETWORK),
        ("import torch\ntorch.hub.load('a', 'b')", NETWORK),
        ("import psycopg2\npsycopg2.connect('host=db')", NETWORK),
        ("engine = create_engine('postgresql+psycopg://u:p@h/db')", NETWORK),
        ("%sql postgresql://u:p@h/db", NETWORK),
        ("import webbrowser\nwebbrowser.open(page)", NETWORK),
        ("import os\nos.makedirs('/data/x')", WRITES_OUTSIDE),
        ("import os\nos.mkdir('/data/x')", WRITES_OUTSIDE),
        ("zipfile.ZipFile('a.zip').extractall('/data')", WRITES_OUTSIDE),
        ("%%sql\nDROP TABLE sales", DELETES_ROWS),
        ("df.to_sql('sales', conn, if_exists='replace')", DELETES_ROWS),
        ("%sql delete from sales", DELETES_ROWS),
        ("query = 'DELETE FROM sales'\nconn.execute(query)", DELETES_ROWS),
        ("admin\u202e = 1", INVISIBLE_CHARACTERS),
        ("x\u200b = 1", INVISIBLE_CHARACTERS),
        ("x = 'a\u200cb'", INVISIBLE_CHARACTERS),
        ("x = '\u0646\u0627\u0645\u200c'", INVISIBLE_CHARACTERS),
    ],
)
def test_an_effect_is_found_and_named(source, effect):
    assert effect in effects(source)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.path.join('a', 'b')\nos.getcwd()",
        "run",  # a name that is also a magic's
        "run - loss",
        "time * 2 if fast else 1",
        "time = 3",
        "html = page.text",
        "x = 1\npip install pandas",  # no magic in a cell of more lines: it does not run
        "import requests",
        "d = {'\u0646\u0627\u0645\u200c\u062e\u0627\u0646': 1, '\u0915\u094d\u200d\u0937': 2}",  # Persian, Hindi
        "x = '👩\u200d🔬 🌡\ufe0f 👩🏽\u200d❤\ufe0f\u200d👨'",
        "df.to_csv('out.csv')\nplt.savefig('plot.png')",
        "open('/etc/hosts').read()",
        "open('notes.txt', 'w').write('see https://example.org')",
        "print('pip install pandas')",
        "link = 'https://example.org'\nprint(f'see {link}')",
        "path = '/data/a.csv'\ndf = pd.read_csv(path)\ndf.to_csv('out.csv', sep=';')",
        "old = 'a.csv'\nnew = old.replace('a', 'b')\ndf = df.rename(columns={'a': 'b'})",
        "def fetch_rows(n):\n    return rows[:n]\nfetch_rows(3)",
        "df.eval('a + b')\ndf.query('a > 1')",
        "model.compile()\nmodel.eval()",
        "re.compile('x')",
        "engine = create_engine('sqlite:///sales.db')",
        "conn.execute('SELECT * FROM sales')",
        "%%sql\nSELECT * FROM sales",
        "data = load_data()\nMNIST('data', download=False)",
        "os.makedirs('plots', exist_ok=True)\nPath('plots').mkdir(exist_ok=True)\nZipFile('a.zip').extractall('data')",
        "values.remove(3)\ntext.replace('a', 'b')\ndf.rename(columns={})",
        "%matplotlib inline\n%timeit f(1)",
        "%%time\nf(1)",
        "raise SystemExit",
        "not python at all",
        "",
    ],
)
def test_ordinary_code_gives_no_reason_to_ask(source):
    assert effects(source) == ()


def test_each_effect_is_named_once():
    assert effects("!ls\n!ls") == (SHELL,)
