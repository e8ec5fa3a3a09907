"""Which exports runs planned on, and whether the current one can be trusted: its form, its damage, its age.

Kept as one fact for each kind of file: forms, digests, names and times, no content.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from xpmsync.core.enums import System
from xpmsync.core.ports.store import Facts
from xpmsync.csv_files.form import SEPARATORS, FileForm, Mark, lost_zeros
from xpmsync.csv_files.reading import CsvFile, open_csv
from xpmsync.errors import FileRefused, NewFormat, StateUnusable
from xpmsync.local.system.clock import local_time

_FORMAT: Final = 1
_MOST_PLANNED: Final = 200
_SAVE: Final = "save the download without opening it in another program"


@dataclass(frozen=True, slots=True)
class Planned:
    """An export that a run planned on: its content's digest, its name, and its own time (UTC, ISO)."""

    digest: str
    name: str
    taken: str

    def __str__(self) -> str:
        return f"{self.name} of {local_time(datetime.fromisoformat(self.taken))}"


@dataclass(frozen=True, slots=True)
class ExportHistory:
    """The forms that this practice's exports have, and what runs planned on, oldest first.

    `good` is the path of the last export without damage.
    """

    forms: tuple[FileForm, ...] = ()
    planned: tuple[Planned, ...] = ()
    good: str = ""

    def replacement(self, digest: str) -> tuple[Planned, Planned] | None:
        """The earlier use of that content and the export that followed it, None for the latest and for a new one."""
        if not self.planned or self.planned[-1].digest == digest:
            return None
        for place in range(len(self.planned) - 1, -1, -1):
            if self.planned[place].digest == digest:
                return self.planned[place], self.planned[place + 1]
        return None

    def with_form(self, form: FileForm) -> ExportHistory:
        """Remember a form as this practice's own."""
        return self if form in self.forms else replace(self, forms=(*self.forms, form))

    def with_plan(self, file: CsvFile) -> ExportHistory:
        """Remember that a run planned on the file."""
        current = Planned(file.digest, file.path.name, file.taken.isoformat())
        if self.planned and self.planned[-1].digest == current.digest:
            return self
        return replace(self, planned=(*self.planned, current)[-_MOST_PLANNED:])


class TrustedFile:
    """One export, judged by its marks of damage and by what is known of earlier ones.

    `known_form` is false for the first export and for one of another form than the
    practice's own; `new_form` only for the latter, or a first one that is not UTF-8.
    """

    def __init__(
        self, system: System, facts: Facts, kind: str, ledger: Path, file: CsvFile, kept: Sequence[int]
    ) -> None:
        self.file = file
        self.marks: tuple[Mark, ...] = file.marks(kept)
        self._system = system
        self._kept = kept
        self._facts = facts
        self._fact = f"exports.{kind}"
        self._ledger = ledger
        self.history = self._load()

    @property
    def known_form(self) -> bool:
        """Whether earlier exports had the same form, or a person accepted it."""
        return self.file.form in self.history.forms

    @property
    def new_form(self) -> bool:
        """Whether the form needs a person's acceptance."""
        return not self.known_form and (bool(self.history.forms) or not self.file.form.encoding.startswith("utf-8"))

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the file, so that its cells may be carried into a file for upload."""
        return not self.marks and not self.new_form

    def check_source(self) -> None:
        """Refuse a file whose values must not be copied; raises `FileRefused`, `NewFormat`."""
        if self.marks:
            raise self.damaged(self.marks)
        if self.new_form:
            raise NewFormat(self.file.path, self.form_notice(), system=self._system)

    def check_age(self) -> None:
        """Refuse a content that a later export has replaced, whatever the file's own time; raises `FileRefused`."""
        if (found := self.history.replacement(self.file.digest)) is not None:
            earlier, later = found
            problem = f"it is the same as {earlier}, which was followed by {later}. If it is the newest: --accept-form"
            raise FileRefused(self.file.path, problem, system=self._system)

    def damaged(self, marks: Sequence[Mark]) -> FileRefused:
        """The refusal of a damaged file."""
        listed = "; ".join(str(mark) for mark in marks)
        problem = f"another program saved it and damaged it ({listed}). Export again, and {_SAVE}"
        return FileRefused(self.file.path, problem, tuple(dict.fromkeys(mark.line for mark in marks)), self._system)

    def why_not_good(self) -> str:
        """What speaks against a file that is not good, and what to do."""
        why = f"it is damaged ({self.marks[0]})" if self.marks else self.form_notice()
        return f"{self.file.path.name} cannot be used for writing: {why}. Export again, and {_SAVE}."

    def form_notice(self) -> str:
        """How the form differs from the practice's own, empty where it does not."""
        if not self.new_form:
            return ""
        if not self.history.forms:
            return f"it is not UTF-8 but {self.file.form.encoding}, so another program may have saved it"
        different = self.file.form.differences(self.history.forms[-1])
        notice = f"its form is not that of this practice's exports ({different}), so another program may have saved it"
        lost, good = self._lost_zeros
        return f"{notice}; no number in {', '.join(lost)} begins with 0 or +, as in {good}" if lost else notice

    @cached_property
    def _lost_zeros(self) -> tuple[tuple[str, ...], str]:
        """Columns whose numbers lost their zeros since the last good export, and that export's name, if it is there."""
        path = Path(self.history.good)
        try:
            good = open_csv(path, "".join(SEPARATORS)) if self.history.good else None
        except FileRefused:
            return (), ""
        if good is None or all(planned.digest != good.digest for planned in self.history.planned):
            return (), ""
        names = [name for place in self._kept if (name := self.file.header[place]) in good.header]
        before, now = (
            (row for _, row in file.rows([file.header.index(name) for name in names])) for file in (good, self.file)
        )
        return lost_zeros(before, now, names), path.name

    def notices(self) -> tuple[str, ...]:
        """What a person should know: damage, a new form, an older time with a new content."""
        name = self.file.path.name
        notices = [f"{name} is damaged ({mark}); {_SAVE}." for mark in self.marks[:1]]
        if notice := self.form_notice():
            notices.append(f"{name}: {notice}.")
        last = self.history.planned[-1] if self.history.planned else None
        new = last is not None and last.digest != self.file.digest
        if last and new and self.file.taken < datetime.fromisoformat(last.taken):
            notices.append(f"{name} has another content than {last}, which a run planned on, but an older time.")
        return tuple(notices)

    def accept(self) -> None:
        """Remember the form as the practice's own, and the content as the newest: a person said so."""
        self._keep(self.history.with_form(self.file.form).with_plan(self.file))

    def note_plan(self) -> None:
        """Remember that a run planned on the file, and its form where nothing speaks against it."""
        history = self.history.with_plan(self.file)
        if self.is_good:
            history = replace(history.with_form(self.file.form), good=str(self.file.path))
        self._keep(history)

    def _keep(self, history: ExportHistory) -> None:
        if history != self.history:
            data = {
                "format": _FORMAT,
                "forms": [form.data() for form in history.forms],
                "planned": [[each.digest, each.name, each.taken] for each in history.planned],
                "good": history.good,
            }
            self._facts.note(self._fact, json.dumps(data, ensure_ascii=False, separators=(",", ":")))
            self.history = history

    def _load(self) -> ExportHistory:
        text = self._facts.fact(self._fact)
        if text is None:
            return ExportHistory()
        try:
            data = json.loads(text)
            if data["format"] != _FORMAT:
                raise StateUnusable(self._ledger, "the note of earlier exports was written by a newer xpmsync")
            forms = tuple(FileForm.of(form) for form in data["forms"])
            planned = tuple(Planned(str(digest), str(name), str(taken)) for digest, name, taken in data["planned"])
            return ExportHistory(forms, planned, str(data["good"]))
        except (ValueError, KeyError, TypeError) as problem:
            raise StateUnusable(self._ledger, "the note of earlier exports cannot be read") from problem
