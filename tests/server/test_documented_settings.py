"""What the documents tell administrators to set can be set."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_oci.server.app import OCIApp

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("document", ["jupyterhub.md", "models.md", "usage.md"])
def test_each_setting_of_the_documents_is_one_that_takes_its_value(document: str) -> None:
    lines = re.findall(r"^c\.OCIApp\.\w+ = .*$", (DOCS / document).read_text("utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        exec(line, {"c": (config := Config())})
        (name,) = config.OCIApp
        assert OCIApp.class_traits(config=True)[name].validate(OCIApp(), config.OCIApp[name]) is not None


def test_the_table_of_settings_has_each_with_its_default() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.+?) \|", (DOCS / "usage.md").read_text("utf-8"), re.MULTILINE)
    told = {
        name.strip("`"): value
        for names, values in rows
        for name, value in zip(names.split(", "), values.split(", "), strict=False)
    }
    for name, trait in OCIApp.class_own_traits(config=True).items():
        if told[name].startswith("`"):  # the others are told in words
            assert ast.literal_eval(told[name].strip("`")) == trait.default_value, name


def test_the_links_between_documents_lead_somewhere() -> None:
    for document in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for link in re.findall(r"\]\(([^)#:]+\.md)", document.read_text("utf-8")):
            assert (document.parent / link).is_file(), f"{document.name} links to {link}"


def test_what_cannot_be_locked_is_refused_by_name() -> None:
    with pytest.raises(TraitError, match=r"expected any of .*'max_rounds'.*'modes'"):
        OCIApp(locked={"modes"})
