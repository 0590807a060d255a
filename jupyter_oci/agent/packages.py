"""Which distribution provides an import: packages are often not named as they are imported."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

_NOT_FOUND = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
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


def missing_import(error: str) -> str | None:
    """Give the top-level module that was not found, of an error's `Type: message`; None of other errors."""
    match = _NOT_FOUND.match(error)
    return match[1].partition(".")[0] if match else None


def distribution_of(module: str) -> str | None:
    """Give the distribution that provides the module, as far as that is known and not guessed."""
    if module in _NAMED_OTHERWISE:
        return _NAMED_OTHERWISE[module]
    if _NAMED_ALIKE.fullmatch(module):
        return module
    if module in sys.stdlib_module_names:
        return None
    return next(iter(packages_distributions().get(module, ())), None)
