"""The numbers of a claim beside those of its source: which are the same, and what is no number."""

import pytest

from rag.claims import numbers
from rag.figures import _same_value


@pytest.mark.parametrize("text", ["by the 20th", "on the 15th and the 21st", "the 102nd street"])
def test_an_ordinal_is_no_number(text: str) -> None:
    assert not numbers(text)


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        ("0.6 percent", "0.8 percent", False),
        ("7.2%", "7.9%", False),
        ("12.5 percent", "12 percent", False),
        ("a third of", "33 percent", True),
        ("33.3 percent", "a third of", True),
        ("two thirds of", "67%", True),
        ("half of", "50 percent", True),
    ],
)
def test_a_percentage_with_a_decimal_place_is_as_exact_as_it_is_told(mine: str, theirs: str, same: bool) -> None:
    [one], [other] = numbers(mine), numbers(theirs)
    assert _same_value(one, other) is same
