"""What is made of the records: a table in Markdown, a plot, and a page with each problem's rounds."""

from .files import PLOT, titled, write_report

__all__ = ["PLOT", "titled", "write_report"]
