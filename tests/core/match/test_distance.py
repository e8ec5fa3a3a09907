"""The matcher's measures against rapidfuzz, the well-known library for them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from xpmsync.core.match.text import edit_distance, ratio, slip_count, token_set_ratio

words = st.text("abcdé", max_size=9)
texts = st.lists(st.text("abc", max_size=4), max_size=4).map(" ".join)


@given(words, words)
def test_slips_are_counted_as_optimal_string_alignment(a: str, b: str) -> None:
    """Letters more, less, other, or two swapped; above two all are the same."""
    assert slip_count(a, b, 2) == OSA.distance(a, b, score_cutoff=2)


def test_slips_in_all_short_words() -> None:
    """All pairs of words of up to three letters, of three."""
    short = ["".join(letters) for length in range(4) for letters in product("abc", repeat=length)]
    for a, b, most in product(short, short, (0, 1, 2)):
        assert slip_count(a, b, most) == OSA.distance(a, b, score_cutoff=most)
    assert edit_distance("abcdef", "uvwxyz") == 3


@given(words, words)
def test_likeness_is_the_indel_ratio(a: str, b: str) -> None:
    """In percent, 100 for the same text."""
    assert ratio(a, b) == pytest.approx(fuzz.ratio(a, b))


@given(texts, texts)
def test_likeness_of_word_sets(a: str, b: str) -> None:
    """Order and repetition of words do not count."""
    assert token_set_ratio(a, b) == pytest.approx(fuzz.token_set_ratio(a, b))


@pytest.mark.parametrize(("a", "b"), [("", ""), ("", "a"), ("a", ""), ("a", "b"), ("a b", "a"), ("a b", "a c")])
def test_likeness_of_few_words(a: str, b: str) -> None:
    """A text without words is like none."""
    for one, other in ((a, b), (b, a)):
        assert token_set_ratio(one, other) == pytest.approx(fuzz.token_set_ratio(one, other))
        assert ratio(one, other) == pytest.approx(fuzz.ratio(one, other))
