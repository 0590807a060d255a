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
    r"altair|astropy|biopython|bokeh|boto3|cartopy|catboost|dash|dask|datasets|duckdb|fastapi|flask|"
    r"folium|gensim|geopandas|h5py|holoviews|httpx|hvplot|ipywidgets|jax|joblib|keras|lightgbm|lxml|"
    r"matplotlib|mlflow|networkx|nltk|numba|numpy|openpyxl|optuna|pandas|panel|plotly|polars|prophet|"
    r"pyarrow|pydantic|pymc|pyspark|requests|rich|scipy|seaborn|shap|shapely|spacy|sqlalchemy|statsmodels|"
    r"streamlit|sympy|tabulate|tensorflow|torch|torchvision|tqdm|transformers|wordcloud|xarray|xgboost|xlrd"
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
