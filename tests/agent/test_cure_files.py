"""The cure of a file that was not found: the one that was meant is read, and none is ever written."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.cures import cure_of
from jupyter_oci.agent.traceback_text import Failure, Frame
from jupyter_oci.kernel.base import DataFile
from jupyter_oci.kernel.folder import MOST_FILES

FILES = [
    *(
        "sales.csv",
        "2023.csv",
        "raw/Shops 1.csv",
        "a/twice.csv",
        "b/twice.csv",
        "notes.txt",
        "may.csv",
        "women.csv",
        "addresses.csv",
    ),
    *("2023/figures.csv", "test/data.csv", "config.json", "bob's.csv", "bob/it's.csv"),
]


def cured(source, path, files=FILES):
    error = f"FileNotFoundError: [Errno 2] No such file or directory: {path!r}"
    failure = Failure((Frame("Cell In[1], line 1", 1, source.splitlines()[0], ()),), error, 0)
    cure = cure_of(source, failure, [], [DataFile(file) for file in files])
    return cure and cure.source


@pytest.mark.parametrize(
    ("source", "path", "right"),
    [
        ("pd.read_csv('sale.csv')", "sale.csv", "pd.read_csv('sales.csv')"),
        ("open('data/Sales.CSV', 'r')", "data/Sales.CSV", "open('sales.csv', 'r')"),
        ("pd.read_csv('../input/slaes.csv', sep=';')", "../input/slaes.csv", "pd.read_csv('sales.csv', sep=';')"),
        ("pd.read_csv('shops_1.csv')", "shops_1.csv", "pd.read_csv('raw/Shops 1.csv')"),
        ("pd.read_csv('adresses.csv')", "adresses.csv", "pd.read_csv('addresses.csv')"),
        ("np.loadtxt('data/' 'sale.csv')", "data/sale.csv", "np.loadtxt('sales.csv')"),
        ("json.load(open('Config.json'))", "Config.json", "json.load(open('config.json'))"),
        ("open('Bob/it\\'s.csv')", "Bob/it's.csv", None),  # Python tells such a name in other quotes
        ("open('its.csv'); open('BOBS.csv')", "BOBS.csv", None),
    ],
)
def test_the_only_file_that_can_have_been_meant_is_read(source, path, right):
    assert cured(source, path) == right


def test_a_name_is_written_as_python_writes_it():
    assert cured("open('shops.csv')", "shops.csv", ["'+x()+'/shops.csv"]) == """open("'+x()+'/shops.csv")"""


@pytest.mark.parametrize(
    ("source", "path"),
    [
        # what is written
        ("open('data/config.json', 'w')", "data/config.json"),
        ("open('data/config.json', mode=how)", "data/config.json"),
        ("plt.savefig('data/sales.csv')", "data/sales.csv"),
        ("np.save('data/sales.csv', w)", "data/sales.csv"),
        ("Path('data/notes.txt').write_text(t)", "data/notes.txt"),
        ("shutil.copy('sales.csv', 'data/sales.csv')", "data/sales.csv"),
        # what may be another's
        ("pd.read_csv('2024.csv')", "2024.csv"),
        ("pd.read_csv('2022/figures.csv')", "2022/figures.csv"),
        ("pd.read_csv('train/data.csv')", "train/data.csv"),
        ("pd.read_csv('mar.csv')", "mar.csv"),
        ("pd.read_csv('men.csv')", "men.csv"),
        ("pd.read_csv('twice.csv')", "twice.csv"),
        ("pd.read_json('sales.json')", "sales.json"),
        # where it does not stand
        ("open(f'data/{name}.csv')", "data/sales.csv"),
        ("open(name)", "sale.csv"),
        ("open('sales.csv')", "sales.csv"),
    ],
)
def test_every_other_path_is_left_alone(source, path):
    assert cured(source, path) is None


def test_where_not_all_files_are_listed_none_is_taken():
    assert cured("open('sale.csv')", "sale.csv", ["sales.csv", *(f"{number}.txt" for number in range(MOST_FILES))]) is None
