"""The matcher's measures against rapidfuzz, the well-known library for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from xpmsync.core.match.text import ratio, slip_count, token_set_ratio

words = st.text("abcdé", max_size=9)
texts = st.lists(st.text("abc", max_size=4), max_size=4).map(" ".join)


@given(words, words)
def test_slips_are_counted_as_optimal_string_alignment(a: str, b: str) -> None:
    """Letters more, less, other, or two swapped; above two all are the same."""
    assert slip_count(a, b, 2) == OSA.distance(a, b, score_cutoff=2)


@given(words, words)
def test_likeness_is_the_indel_ratio(a: str, b: str) -> None:
    """In percent, 100 for the same text."""
    assert ratio(a, b) == pytest.approx(fuzz.ratio(a, b))


@given(texts, texts)
def test_likeness_of_word_sets(a: str, b: str) -> None:
    """Order and repetition of words do not count."""
    assert token_set_ratio(a, b) == pytest.approx(fuzz.token_set_ratio(a, b))
