"""Notebook sessions: problems that follow each other in one live kernel, judged by what the kernel holds afterwards."""
