"""The matcher on made-up practices of the measuring half: no wrong link, few questions, little missed."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from support.match.fifth_name_list import FIFTH
from support.match.figures import Figures, by_exact_name, judge, judge_import
from support.match.labelled import Labelled, practice
from support.match.name_lists import FRESH, MEASURING, TUNING, UNSEEN, NameLists


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    """A seeded practice of about 1,500 clients; `tests/bench/match_quality.py` measures three large ones."""
    return practice(7, MEASURING, 750)


@pytest.fixture(scope="module")
def figures(labelled: Labelled) -> Figures:
    """What the matcher makes of that practice."""
    return judge(labelled)


def test_whole_practice(figures: Figures) -> None:
    """Precision, recall, unsure share and coverage on a small practice, with head-room for its size."""
    assert figures.pairs > 1200
    assert figures.precision >= 0.999
    assert figures.recall >= 0.90
    assert figures.coverage >= 0.99
    assert figures.unsure_share < 0.08


def test_the_check_before_an_import(labelled: Labelled, pytestconfig: pytest.Config) -> None:
    """The true counterpart is among the three that are shown, and without one nobody is shown for most clients."""
    share = 1 if pytestconfig.getoption("thorough") else 5
    whole, half = judge_import(labelled, 150 // share), judge_import(labelled.withheld(7), 250 // share)
    assert whole.shown >= 0.98
    assert half.shown >= 0.98
    assert half.falsely_shown <= 0.2


def test_half_of_the_counterparts_withheld(labelled: Labelled) -> None:
    """Clients whose counterpart is missing are not linked with their families."""
    figures = judge(labelled.withheld(7))
    assert figures.precision >= 0.999
    assert figures.recall >= 0.90


def test_better_than_exact_names(labelled: Labelled, figures: Figures) -> None:
    """More links than by exact name, and fewer wrong ones."""
    theirs = by_exact_name(labelled)
    assert figures.right_entities > 3 * theirs.right_entities
    assert figures.wrong < theirs.wrong


@pytest.mark.parametrize(("one", "other"), [*combinations((TUNING, MEASURING, FRESH, UNSEEN, FIFTH), 2)])
def test_the_worlds_share_no_names(one: NameLists, other: NameLists) -> None:
    """Tuning and measuring differ in every list they are made of."""
    for mine, theirs in (
        (one.women, other.women),
        (one.men, other.men),
        (one.surnames, other.surnames),
        (one.surname_parts[0], other.surname_parts[0]),
        (one.firm_words, other.firm_words),
        (one.trades, other.trades),
        (one.streets, other.streets),
        (one.towns, other.towns),
    ):
        assert not set(mine) & set(theirs)


def test_the_generator_follows_its_seed() -> None:
    """The same seed makes the same practice, another seed another one."""
    one, again, other = practice(1, TUNING, 20), practice(1, TUNING, 20), practice(2, TUNING, 20)
    assert one.xpm == again.xpm
    assert one.xpm != other.xpm


def test_the_answer_never_varies() -> None:
    """Neither with the run nor with the order in which this run's Python keeps its sets."""
    code = """
from support.match.labelled import practice
from support.match.name_lists import TUNING
from xpmsync.core.match import match
from xpmsync.core.match.blocking import keys
from xpmsync.core.match.record import read_record

made = practice(1, TUNING, 60)
print(repr(match(made.xpm, made.ignition)), [list(keys(read_record(client))) for client in made.xpm])
"""
    answers = set()
    for seed in ("0", "1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True)
        answers.add(done.stdout)
    assert len(answers) == 1


def test_importing_the_matcher_is_light() -> None:
    """The measures are its own, and phonenumbers is loaded only when numbers are compared."""
    code = "import sys, xpmsync.core.match; sys.exit(bool({'rapidfuzz', 'phonenumbers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
