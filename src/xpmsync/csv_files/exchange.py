"""Pending uploads of one system beside the export that was opened: what it shows, what still waits, what is written.

Both systems' file routes work by this: Ignition's and XPM's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from xpmsync.core.catalogue import Field
from xpmsync.core.ports.deferred import ConfirmedClient, PendingUploads
from xpmsync.csv_files.history import TrustedFile
from xpmsync.csv_files.pending import ConfirmedUpload, Pending, WrittenFile
from xpmsync.csv_files.reading import AHEAD, CsvFile
from xpmsync.csv_files.reconcile import NotTakenCell, Reconciled, ShownRow, reconcile
from xpmsync.csv_files.uploads import PendingStore, Prepared, publish, remove
from xpmsync.errors import ExportTooOld, FileRefused
from xpmsync.local.system.clock import Clock

_CLOCK_AHEAD: Final = (
    "This computer's clock was ahead when files for upload were noted. Their moments still to come count as"
    " now: only an export from now on shows what was uploaded."
)


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    """What waits after a run, and the files that get their names once that is noted."""

    pending: Pending
    prepared: tuple[Prepared, ...]


class UploadExchange:
    """What waits for upload, reconciled with an export.

    `export` is the file whose time counts, `rows` reads what it shows, `fields` maps
    its columns to the catalogue. `needs_word`: a file counts as uploaded only once a person said so.
    """

    def __init__(
        self,
        uploads: PendingStore,
        export: CsvFile,
        rows: Callable[[], Iterable[ShownRow]],
        fields: Mapping[str, Field],
        clock: Clock,
        *,
        needs_word: bool = False,
    ) -> None:
        self.pending = uploads.load()
        self._uploads = uploads
        self._export = export
        self._rows = rows
        self._fields = fields
        self._clock = clock
        self._needs_word = needs_word
        self._reconciled: Reconciled | None = None
        self._clock_was_ahead = False
        if any(file.digest == export.digest for file in self.pending.files):
            raise FileRefused(
                export.path, "it is a file that xpmsync wrote for upload, not an export", system=uploads.system
            )

    def begin(self, trusted: Iterable[TrustedFile]) -> bool:
        """Refuse an export from before the last known upload, or older than one that was seen.

        Returns whether moments were corrected, which a clock that was ahead had noted.
        Raises `ExportTooOld` and `FileRefused`.
        """
        corrected = self._correct_moments()
        pending = self.reconciled.pending
        if pending.known_upload:
            uploaded = datetime.fromisoformat(pending.known_upload)
            if self._export.taken < uploaded:
                raise ExportTooOld(
                    self._export.path, self._export.taken, uploaded, self._clock_was_ahead, self._uploads.system
                )
        for file in trusted:
            file.check_age()
        if self.reconciled.older:
            problem = "it shows nothing of the changes that an earlier export confirmed, so it is older than that one"
            raise FileRefused(self._export.path, problem, system=self._uploads.system)
        return corrected

    @property
    def reconciled(self) -> Reconciled:
        """What waits by this export."""
        if self._reconciled is None:
            self._reconciled = self._reconcile(self.pending)
        return self._reconciled

    @property
    def confirmed(self) -> Sequence[ConfirmedClient]:
        """The clients written for creation that the export shows."""
        return self.reconciled.confirmed

    @property
    def not_taken(self) -> frozenset[NotTakenCell]:
        """The cells of uploaded files that this export does not show."""
        return self.reconciled.not_taken

    @property
    def waiting(self) -> PendingUploads:
        """What waits, with what a person does next."""
        return self._uploads.summary(self.reconciled.pending)

    @property
    def notices(self) -> Sequence[str]:
        """What the export shows of the files uploaded before, and a clock that was ahead."""
        return (*((_CLOCK_AHEAD,) if self._clock_was_ahead else ()), *self.reconciled.notices)

    def finish(self, write: Callable[[Pending], DraftOutcome]) -> PendingUploads:
        """Write the files for upload beside what waits by now, and note both at once; returns what waits then."""
        with self._uploads.changing() as note:
            known = self._reconciled if note.pending == self.pending else None
            reconciled = known or self._reconcile(note.pending)
            outcome = write(reconciled.pending)
            before = note.pending
            note.keep(outcome.pending)
            publish(outcome.prepared, before, outcome.pending)
        self.pending, self._reconciled = outcome.pending, replace(reconciled, pending=outcome.pending)
        return self._uploads.summary(outcome.pending)

    def forget_confirmed(self) -> None:
        """Take this export for the newest, whatever an earlier one confirmed: a person said so."""
        with self._uploads.changing() as note:
            note.keep(replace(note.pending, confirmed=ConfirmedUpload()))
        self.pending, self._reconciled = note.pending, None

    def withdraw(self, file: WrittenFile) -> None:
        """Let a file wait no more, and remove it; one that a person altered gets another name."""
        with self._uploads.changing() as note:
            note.keep(replace(note.pending, files=tuple(each for each in note.pending.files if each != file)))
            remove(file)
        self.pending, self._reconciled = note.pending, None

    def _correct_moments(self) -> bool:
        """Take moments still to come for now, or no export would be new enough before they have passed.

        Not while the export itself is dated ahead: this computer's clock may be behind then.
        """
        now = self._clock.now()
        if self._export.taken - now > AHEAD or self.pending.not_after(now) == self.pending:
            return False
        with self._uploads.changing() as note:
            note.keep(note.pending.not_after(now))
        self.pending, self._reconciled, self._clock_was_ahead = note.pending, None, True
        return True

    def _reconcile(self, pending: Pending) -> Reconciled:
        return reconcile(pending, self._export, self._rows, self._fields, needs_word=self._needs_word)
