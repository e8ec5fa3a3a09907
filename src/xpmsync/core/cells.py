"""Cells that a spreadsheet program would run.

A file for Ignition passes through people's hands and programs on its way. A cell
that begins like a formula is not altered, since Ignition would take the mark for
a part of the value; it is held for a person instead.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["FORMULA_STARTS", "formula_like"]

FORMULA_STARTS: Final = frozenset("=+-@\t\r")
"""What makes a spreadsheet program read a cell as a formula."""

_PHONE: Final = re.compile(r"\+[\s(]*[0-9][0-9\s()./\-]{4,30}(?:(?:ext\.?|x|#)\s*[0-9]{1,6})?", re.IGNORECASE)


def formula_like(text: str) -> bool:
    """Whether a spreadsheet program would take a cell for a formula; an international phone number is none."""
    return text[:1] in FORMULA_STARTS and not _PHONE.fullmatch(text)
