"""Which distribution provides an import: packages are often not named as they are imported."""

from __future__ import annotations

import pkgutil
import re
import sys
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

_NOT_FOUND = re.compile(
    r"(?:ModuleNotFoundError: No module named '|ImportError: (?:Missing optional dependency '|`Import |"
    r"Unable to find a usable engine; tried using: '))([\w.]+)['`]"
)
"""With a dot, what stands before the last one was found. The others are pandas' words for what a method needs."""
_NAMED_OTHERWISE = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "googleapiclient": "google-api-python-client",
    "igraph": "igraph",
    "imblearn": "imbalanced-learn",
    "IPython": "ipython",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "Levenshtein": "Levenshtein",
    "magic": "python-magic",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "usb": "pyusb",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
# What does in the place of a module, if not as well.
_SUBSTITUTES = {
    "altair|bokeh|holoviews|hvplot|plotly|plotnine|seaborn|squarify|wordcloud": "matplotlib",
    "dask|duckdb|modin|polars|pyspark": "pandas",
    "lifelines|pingouin|statsmodels": "scipy",
    "catboost|lightgbm|xgboost": "sklearn",
    "arrow|dateutil|pendulum": "datetime",
    "aiohttp|httpx|requests|urllib3": "urllib.request",
    "Levenshtein|fuzzywuzzy|jellyfish|rapidfuzz|thefuzz": "difflib",
    "bs4": "html.parser",
    "lxml": "xml.etree",
    "orjson|simplejson|ujson": "json",
    "pytz": "zoneinfo",
    "regex": "re",
    "rtoml|toml|tomli|tomlkit": "tomllib",
}
# Imported as they are named, and widely used: to guess any other name would be to install a stranger's package.
_NAMED_ALIKE = re.compile(
    r"aiohttp|altair|arviz|astropy|biopython|bokeh|boto3|bottleneck|cartopy|catboost|cvxpy|dash|dask|datasets|dill|"
    r"duckdb|einops|emcee|faker|fastapi|feedparser|flask|folium|fsspec|gensim|geopandas|gradio|h5py|holoviews|httpx|"
    r"humanize|hvplot|imageio|ipywidgets|jax|joblib|keras|librosa|lifelines|lightgbm|loguru|lxml|matplotlib|missingno|"
    r"mlflow|mpmath|networkx|nltk|numba|numexpr|numpy|openai|openpyxl|optuna|pandas|panel|pendulum|pingouin|plotly|"
    r"polars|prophet|pyarrow|pydantic|pymc|pyproj|pyspark|pytest|pytz|rasterio|regex|requests|rich|scipy|seaborn|shap|"
    r"shapely|simpy|soundfile|spacy|sqlalchemy|squarify|statsmodels|streamlit|sympy|tabulate|tenacity|tensorflow|"
    r"textblob|tiktoken|toolz|torch|torchaudio|torchvision|tqdm|transformers|ujson|wordcloud|xarray|xgboost|xlrd|"
    r"xlsxwriter|yfinance|zstandard"
)


def missing_module(error: str) -> str | None:
    """Give the module that was not found, with its package, of an error's `Type: message`; None of other errors."""
    match = _NOT_FOUND.match(error)
    return match[1] if match else None


def missing_import(error: str) -> str | None:
    """Give the module that may have to be installed; None of other errors, and of a module that its installed package lacks."""
    module = missing_module(error)
    return module if module and "." not in module else None


def substitute_for(module: str) -> str | None:
    """Give the module that usually does in the place of another; None where none is known. It need not be installed."""
    return next((other for names, other in _SUBSTITUTES.items() if re.fullmatch(names, module)), None)


def modules_beside(module: str) -> set[str]:
    """Give the last names of the public modules among which one was not found: of its package, or else those widely used."""
    package, _, _ = module.rpartition(".")
    if not package:
        usual = {*_NAMED_ALIKE.pattern.split("|"), *_NAMED_OTHERWISE, *sys.stdlib_module_names}
        return {name for name in usual if not name.startswith("_")}
    root, *inner = package.split(".")
    spec = PathFinder.find_spec(root)
    places = (spec.submodule_search_locations if spec else None) or ()
    found = pkgutil.iter_modules([str(Path(place, *inner)) for place in places])
    return {each.name for each in found if not each.name.startswith("_")}


def distribution_of(module: str) -> str | None:
    """Give the distribution that provides the module, as far as that is known and not guessed."""
    if module in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[module]
    if _NAMED_ALIKE.fullmatch(module):
        return module
    if module in sys.stdlib_module_names:
        return None
    return next(iter(packages_distributions().get(module, ())), None)
