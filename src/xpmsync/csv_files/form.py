"""The form of a CSV file, and how it is recognised: encoding, mark, separator, line ends and quoting.

A practice's exports keep their form; a file of another form was saved by another
program, or the product has changed. The form is learned, never assumed.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Final

from xpmsync.core.jsonable import Json

__all__ = ["SEPARATORS", "FileForm", "form_of", "wrong_kind"]

SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""The separators that are recognised, and their names."""

_SEP_LINE: Final = re.compile(r'"?sep=', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. `quoted`: every cell of the header is in quotes."""

    encoding: str
    bom: bool
    separator: str
    crlf: bool
    quoted: bool

    def __str__(self) -> str:
        encoding = "UTF-8" if self.encoding.startswith("utf-8") else self.encoding
        mark = " with a byte order mark" if self.bom else ""
        ends = "Windows" if self.crlf else "Unix"
        quotes = "every cell quoted" if self.quoted else "cells quoted only where needed"
        return f"{encoding}{mark}, {SEPARATORS[self.separator]}, {ends} line ends, {quotes}"

    def differences(self, other: FileForm) -> str:
        """What distinguishes this form from another, in words."""
        theirs = str(other).split(", ")
        return ", ".join(part for part, known in zip(str(self).split(", "), theirs, strict=True) if part != known)

    def data(self) -> dict[str, Json]:
        """The form for a small state file."""
        return asdict(self)

    @classmethod
    def of(cls, data: object) -> FileForm:
        """Read `data`; raises `TypeError` or `KeyError` for anything else."""
        if not isinstance(data, dict):
            raise TypeError(type(data))
        values = {field.name: data[field.name] for field in fields(cls)}
        if values["separator"] not in SEPARATORS:
            raise KeyError(values["separator"])
        return cls(**values)


def form_of(start: bytes, encoding: str) -> FileForm:
    """The form by the first bytes of a file."""
    bom = start.startswith(b"\xef\xbb\xbf")
    line = start.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    crlf = line.endswith(b"\r")
    text = line.rstrip(b"\r").decode(encoding, "replace")
    separator = max(SEPARATORS, key=text.count)
    quoted = text.count('"') >= 2 * (text.count(separator) + 1)
    return FileForm(encoding, bom, separator, crlf, quoted)


def wrong_kind(start: bytes) -> str:
    """What a file is instead of CSV, by its first bytes, with what to do; empty for what may be CSV."""
    if start.startswith(b"PK\x03\x04"):
        return "it is an Excel workbook (xlsx), not a CSV file; download it again as CSV"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "it is an old Excel workbook (xls), not a CSV file; download it again as CSV"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it is UTF-16 text; save it as CSV UTF-8, or use it as it was downloaded"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "it is XML or a web page, not a CSV file; download the same as CSV"
    if _SEP_LINE.match(text[:8].decode("latin-1")):
        return "its first line is sep=, which a spreadsheet program added; use the file as it was downloaded"
    return ""
