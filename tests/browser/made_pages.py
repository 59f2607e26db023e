"""Pages of every kind, made from results that were never trained."""

from collections.abc import Callable
from pathlib import Path

from made_data_pages import DATA_PAGES
from made_entity_pages import ENTITY_PAGES
from made_run_pages import RUN_PAGES
from made_study_pages import STUDY_PAGES

# Each is given a folder of its own for what it is made from.
MADE: dict[str, Callable[[Path], str]] = {**ENTITY_PAGES, **DATA_PAGES, **STUDY_PAGES, **RUN_PAGES}

# One of each template, for what its own contents don't change.
TEMPLATES = ["entities", "study_of_writing", "run_of_pictures"]
