"""A whole practice whose XPM is reached by its exports: a person exports, confirms the columns, and runs xpmsync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from support.files_rig import FilesRig
from support.sync_rig import open_rig_of
from xpmsync.core.enums import System
from xpmsync.core.ports.store import Facts
from xpmsync.errors import UsageError
from xpmsync.local.settings.sections import XpmFilesSettings, XpmRoute
from xpmsync.simulator.xpm_files.export import ExportVariant, export_xpm
from xpmsync.simulator.xpm_files.importing import import_file
from xpmsync.simulator.xpm_files.rules import ImportOutcome, ImportRules
from xpmsync.usecases.context.open import open_ledger
from xpmsync.usecases.uploads import mark_uploaded
from xpmsync.usecases.xpm_files import confirm_columns
from xpmsync.xpm.files.clients import Table
from xpmsync.xpm.files.columns import column_map, find_files
from xpmsync.xpm.files.proof import Proofs, ProofState, WriteKind, WriteProof, save


@dataclass
class XpmFilesRig(FilesRig):
    """The practice with XPM reached by files; `variant` is what the help pages leave open."""

    variant: ExportVariant = field(default_factory=ExportVariant)

    @property
    def exports(self) -> Path:
        """Where XPM's exports are saved."""
        return self.paths.folder / "xpm"

    def export(self, *, confirm: bool = True, report: bool = True) -> tuple[Path, ...]:
        """Export everything a minute later, in place of the former exports; confirm the columns."""
        self.clock.sleep(60)
        for former in self.exports.glob("*.csv"):
            former.unlink()
        paths = export_xpm(self.world, self.exports, self.clock.now(), self.variant).paths
        if not report:
            paths[-1].unlink()
            paths = paths[:-1]
        for path in paths:
            self.date(path)
            if confirm:
                self.confirm(path)
        return paths

    @property
    def uploads(self) -> Path:
        """Where the files for XPM are written."""
        return self.exports / "for-xpm"

    def import_files(self, rules: ImportRules | None = None, *, tick: bool = True) -> list[ImportOutcome]:
        """A person imports every file in XPM as its name says (without `tick`: forgets the box), and says so."""
        paths = sorted(self.uploads.glob("*.csv"))
        outcomes = [self.import_file(path, rules or ImportRules(), tick=tick) for path in paths]
        self.clock.sleep(60)
        self.say_imported()
        return outcomes

    def import_file(self, path: Path, rules: ImportRules, *, tick: bool = True) -> ImportOutcome:
        """A person imports one file in XPM as its name says."""
        ticked = tick and "tick-Update-Existing" in path.name
        return import_file(self.world, path, rules=rules, update_existing=ticked)

    def say_imported(self) -> None:
        """`xpm uploaded`, where something waits."""
        with open_ledger(self.settings, self.paths, self.clock) as ledger, suppress(UsageError):
            mark_uploaded(self.settings, self.paths, ledger, None, self.clock, system=System.XPM)

    def prove(self, *kinds: WriteKind) -> None:
        """Note kinds of writes as proven for the headers of new exports, as pilots would."""
        self.export()
        with open_ledger(self.settings, self.paths, self.clock) as ledger:
            note_proven(ledger, self.exports, *kinds)

    def confirm(self, path: Path) -> None:
        """`xpm columns FILE --confirm`."""
        with open_ledger(self.settings, self.paths, self.clock) as ledger:
            confirm_columns(path, ledger)

    def change(self, path: Path, old: str, new: str) -> None:
        """Somebody alters a file; its time stays that of the clock."""
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8", newline="")
        self.date(path)


def note_proven(facts: Facts, exports: Path, *kinds: WriteKind) -> None:
    """Confirm the columns of the exports in a folder, and note kinds of writes, or all, as proven for their headers."""
    found, _ = find_files(exports)
    headers = {}
    for kind, each in found.items():
        confirm_columns(each.file.path, facts)
        headers[kind] = Table(kind, each.file, column_map(each.file, each.shape, facts, exports)).fingerprint
    moment = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    proofs = {
        kind: WriteProof(ProofState.PROVEN, at=moment, header=headers[kind.table], letters=True)
        for kind in kinds or tuple(WriteKind)
    }
    save(facts, Proofs(proofs))


@contextmanager
def open_xpm_files(folder: Path) -> Iterator[XpmFilesRig]:
    """An empty practice whose XPM is reached by files, and Ignition by the built-in register."""
    with open_rig_of(XpmFilesRig, folder) as rig:
        rig.settings = replace(
            rig.settings,
            xpm=replace(rig.settings.xpm, route=XpmRoute.FILES),
            xpm_files=XpmFilesSettings(folder=str(rig.exports)),
        )
        yield rig
