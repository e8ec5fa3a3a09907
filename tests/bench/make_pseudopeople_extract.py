"""How `data/pseudopeople.csv` was made, once: a small extract of synthetic households from pseudopeople 1.3.1.

Run in a throwaway environment with `pip install pseudopeople`; it is far too
heavy to be a dependency. Census adults stand for XPM's clients, wage statements
for Ignition's, with pseudopeople's own noise. Dates of birth and social security
numbers are left out: xpmsync reads neither.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

_HOUSEHOLDS = 900
_PLACE = ("street_number", "street_name", "unit_number", "city", "state", "zipcode")
_NAME = ("first_name", "middle_initial", "last_name")
_COLUMNS = ("system", "simulant", *_NAME, *_PLACE, "po_box")


def main(target: Path) -> None:
    """Draw the households and write the extract."""
    import pseudopeople  # type: ignore[import-not-found]  # only in the throwaway environment

    census = pseudopeople.generate_decennial_census(year=2020, seed=1)
    wages = pseudopeople.generate_taxes_w2_and_1099(year=2020, seed=1).drop_duplicates("simulant_id")
    drawn = random.Random(1)  # noqa: S311 - reproducible test data
    households = set(drawn.sample(sorted(census["household_id"].unique()), _HOUSEHOLDS))
    adults = census[census["household_id"].isin(households) & (census["age"].astype(str).str.zfill(2) >= "18")]
    earners = wages[wages["household_id"].isin(households)]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for row in adults.astype(object).fillna("").astype(str).to_dict("records"):
            writer.writerow(["xpm", row["simulant_id"], *(row[c] for c in (*_NAME, *_PLACE)), ""])
        for row in earners.astype(object).fillna("").astype(str).to_dict("records"):
            place = [row[f"mailing_address_{c}"] for c in _PLACE]
            writer.writerow(
                ["ignition", row["simulant_id"], *(row[c] for c in _NAME), *place, row["mailing_address_po_box"]]
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
