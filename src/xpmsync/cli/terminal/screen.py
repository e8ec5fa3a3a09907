"""The screen: calm text for people, plain when piped, never steered by the data it shows.

Rich is imported with the first table or colour, so that quick commands stay quick.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from xpmsync.cli.terminal.sanitize import sanitize

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_PIPED_WIDTH: Final = 160
"""Columns where nobody set a width and no terminal has one: enough that hardly anything wraps."""


_SCREENFUL: Final = 50
"""Lines of a screenful where nobody watches, and at least at a small terminal."""
_COMMAND: Final = re.compile(r"""\bxpmsync (?:'[^']*'|"[^"]*"|[^'"])*?(?=[.,;)]\s|[.,;)]?$)""")
"""A command line within a sentence, which ends with a stop or with the text."""
_UNBROKEN: Final = "\ue000"
"""Takes the place of a blank within a command while lines are broken: a command is copied whole."""


_ASCII_HEAD: Final = "    \n    \n -- \n    \n    \n    \n    \n    \n"
"""Rich's `SIMPLE_HEAD` in plain signs: `more` on Windows shows others as rubbish."""


class Tone(StrEnum):
    """What a piece of text is; the value is its Rich style. Colour is never the only signal."""

    PLAIN = ""
    QUIET = "dim"
    STRONG = "bold"
    XPM = "green"
    IGNITION = "cyan"
    LINKED = "blue"
    OLD = "red"
    NEW = "green"
    WARNING = "yellow"
    PROBLEM = "bold red"


class Cell(NamedTuple):
    """Text with a tone."""

    text: str
    tone: Tone = Tone.PLAIN


class Column(NamedTuple):
    """A table column; a `whole` one is never broken, the others wrap; `width` fixes it across tables."""

    title: str
    whole: bool = False
    right: bool = False
    width: int | None = None


class Screen:
    """Writes to one stream; `width` is in columns, `coloured` overrules the stream, `windows` the system.

    `at_gap` says that an empty line would come first, or after another one; it is not written.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        width: int | None = None,
        coloured: bool | None = None,
        windows: bool = os.name == "nt",
        at_gap: bool = True,
    ) -> None:
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self.labelled = False
        """Whether it says already that this is a rehearsal."""
        self._width = width
        self._colour_wanted = coloured
        self._windows = windows
        self._at_gap = at_gap

    @property
    def is_terminal(self) -> bool:
        """Whether a person may be watching."""
        return self.stream.isatty()

    @cached_property
    def width(self) -> int:
        """Columns to fill."""
        if self._width is not None:
            return self._width
        if os.environ.get("COLUMNS", "").isdigit():
            return max(40, int(os.environ["COLUMNS"]))
        return shutil.get_terminal_size((80, 24)).columns if self.is_terminal else _PIPED_WIDTH

    @property
    def screenful(self) -> int:
        """Lines up to which an answer is shown in full."""
        return max(_SCREENFUL, shutil.get_terminal_size((80, 24)).lines) if self.is_terminal else _SCREENFUL

    def line(self, text: str = "", tone: Tone = Tone.PLAIN) -> None:
        """Write one paragraph, wrapped between words; an empty one only between others, and once."""
        if self.quiet or (not text and self._at_gap):
            return
        self._at_gap = not text
        if tone is Tone.PLAIN or not self._coloured:
            self._plain(sanitize(text))
            return
        for line in self._wrapped(sanitize(text)):
            self.console.print(self.text(Cell(line, tone)), soft_wrap=True)

    def verbatim(self, text: str) -> None:
        """Write a text line by line, not wrapped, to be copied."""
        if not self.quiet:
            self._at_gap = False
            self.stream.writelines(f"{sanitize(line)}\n" for line in text.splitlines())

    def captured(self, show: Callable[[Screen], None]) -> str:
        """What `show` would write on a screen like this one."""
        written = io.StringIO()
        show(Screen(written, width=self.width, coloured=self._coloured, at_gap=self._at_gap))
        return written.getvalue()

    def paged(self, show: Callable[[Screen], None]) -> None:
        """Show something that may be long: what is longer than the terminal page by page."""
        if self.quiet or not self.is_terminal:
            show(self)
            return
        text = self.captured(show)
        if text.count("\n") < shutil.get_terminal_size((80, 24)).lines:
            self._at_gap = False
            self.stream.write(text)
            return
        import pydoc

        # The pager of most systems: colours as they are.
        os.environ.setdefault("LESS", "FRX")
        pydoc.pager(text)

    def heading(self, text: str) -> None:
        """Write a heading with an empty line before it."""
        self.line()
        self.line(text, Tone.STRONG)

    def markdown(self, text: str) -> None:
        """Write a Markdown text: laid out at a terminal, as it is written when piped."""
        if not self._coloured:
            self.verbatim(text)
        elif not self.quiet:
            self._at_gap = False
            from rich.markdown import Markdown
            from rich.theme import Theme

            # Rich shows code on black, which is a stain on a white terminal.
            with self.console.use_theme(Theme({"markdown.code": "bold cyan"})):
                self.console.print(Markdown(sanitize(text), hyperlinks=False))

    def pairs(self, rows: Iterable[tuple[str, str]], indent: int = 0) -> None:
        """Write label and value in two aligned columns."""
        kept = [(sanitize(label), sanitize(value)) for label, value in rows]
        if self.quiet or not kept:
            return
        self._at_gap = False
        column = max(len(label) for label, _ in kept) + 2
        for label, value in kept:
            self._plain(f"{label:<{column}}{value}", " " * indent, " " * (indent + column))

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell | str]], *, head: bool = True) -> None:
        """Write an aligned table without frames."""
        if self.quiet:
            return
        self._at_gap = False
        from rich import box
        from rich.table import Table

        table = Table(
            box=box.Box(_ASCII_HEAD, ascii=True) if self._plain_lines else box.SIMPLE_HEAD,
            show_edge=False,
            show_header=head,
            pad_edge=False,
            header_style="bold",
            padding=(0, 2, 0, 0),
        )
        for column in columns:
            table.add_column(
                column.title,
                no_wrap=column.whole,
                justify="right" if column.right else "left",
                overflow="fold",
                width=column.width,
                min_width=max(map(len, column.title.split()), default=0),
            )
        for row in rows:
            table.add_row(*(self.text(cell if isinstance(cell, Cell) else Cell(cell)) for cell in row))
        if self._coloured:
            self.console.print(table)
            return
        with self.console.capture() as written:
            self.console.print(table)
        self.stream.writelines(f"{line.rstrip()}\n" for line in written.get().splitlines())

    def text(self, cell: Cell) -> Text:
        """Cleaned text in its tone; never read as Rich markup."""
        from rich.text import Text

        return Text(sanitize(cell.text), style=cell.tone.value)

    @cached_property
    def console(self) -> Console:
        """Rich's console on this stream: no markup, no emoji codes, no guessing of colours in the data."""
        from rich.console import Console

        return Console(
            file=self.stream,
            width=self.width,
            markup=False,
            emoji=False,
            highlight=False,
            no_color=not self._coloured,
            force_terminal=True if self._colour_wanted else None,
            color_system="standard" if self._colour_wanted else "auto",
            legacy_windows=None if self.is_terminal else False,
        )

    @property
    def _plain_lines(self) -> bool:
        """Whether drawn lines are ASCII: piped on Windows."""
        return self._windows and not self.is_terminal

    @property
    def _coloured(self) -> bool:
        if self._colour_wanted is not None:
            return self._colour_wanted
        return self.is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    def _plain(self, text: str, first: str = "", rest: str = "") -> None:
        self.stream.writelines(f"{line}\n" for line in self._wrapped(text, first, rest))

    def _wrapped(self, text: str, first: str = "", rest: str = "") -> list[str]:
        """The text in lines that fit, broken between words but never within a command."""
        import textwrap

        lines = textwrap.wrap(
            _COMMAND.sub(lambda match: match[0].replace(" ", _UNBROKEN), text),
            self.width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
        return [line.replace(_UNBROKEN, " ") for line in lines] or [""]
