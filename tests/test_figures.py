"""The numbers of a claim beside those of its source: which are the same, and what is no number."""

import pytest

from rag.figures import _same_value
from rag.quantities import numbers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one in five of them", [(20, "percent")]),
        ("three in every ten", [(30, "percent")]),
        ("one in two years", [(24, "month")]),
        ("cut it by a quarter.", [(25, "percent")]),
        ("Half were asked", [(50, "percent")]),
        ("half of the 12 km", [(50, "percent"), (12_000, "metre")]),
        ("the first half of the match", []),
        ("the third of its kind and a third man", []),
        ("a quarter of a percentage point", [(0.25, "points")]),
        ("half an hour, three quarters of an hour", [(1_800, "second"), (2_700, "second")]),
        ("half a million people", [(500_000, "")]),
        ("two and a half million euros", [(2_500_000, "€")]),
        ("a year and a half", [(18, "month")]),
        ("three years and four months in prison", [(40, "month")]),
        ("three and a half years", [(42, "month")]),
        ("in 3 hours, 51 minutes and 18 seconds, 38 seconds ahead", [(13_878, "second"), (38, "second")]),
        ("$85-95 million", [(85e6, "$"), (95e6, "$")]),
        ("from 66 million dollars to 41 million", [(66e6, "$"), (41e6, "$")]),
        ("between 40 and 60 percent", [(40, "percent"), (60, "percent")]),
        ("two of the required 24 hours", [(7_200, "second"), (86_400, "second")]),
        ("12 km and 3 people", [(12_000, "metre"), (3, "")]),
    ],
)
def test_a_number_has_its_value_and_unit_however_it_is_told(text: str, told: list[tuple[float, str]]) -> None:
    assert [(round(one.value, 6), one.unit) for one in numbers(text)] == told


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
        ("nearly a third of", "31 percent", True),
        ("nearly 34 percent", "31 percent", False),
        ("3,400 years", "3,400 years old", True),
        ("£600", "600 pounds", True),
        ("$600", "600 pounds", False),
    ],
)
def test_a_percentage_with_a_decimal_place_is_as_exact_as_it_is_told(mine: str, theirs: str, same: bool) -> None:
    [one], [other] = numbers(mine), numbers(theirs)
    assert _same_value(one, other) is same
