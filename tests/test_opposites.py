"""A claim that says the opposite of its source is told by listed words, in either direction."""

import pytest

from rag.opposites import OPPOSITES, SIDES, is_opposite


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Prices rose in May.", "In May prices fell by a tenth."),
        ("Two of the miners died.", "Two of the miners survived."),
        ("The council approved the plan.", "The plan was rejected by the council."),
        ("The mine lies east of the town.", "The mine lies west of the town."),
        ("The school was closed.", "The school was reopened."),
        ("A larger pack helped sales.", "Sales were helped by a smaller pack."),
        ("The proteins dissolve in water.", "The proteins harden in water."),
        ("The rules were tightened.", "The rules were relaxed."),
        ("The filters increased the bacteria.", "The filters reduced the bacteria."),
        ("The firm accepted the claim.", "The firm denied the claim."),
        ("The farmer bought the field.", "The farmer sold the field."),
    ],
)
def test_each_says_the_opposite_of_the_other(claim: str, source: str) -> None:
    assert is_opposite(claim, source)
    assert is_opposite(source, claim)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Prices rose in May.", "Prices, which fell in April, rose in May."),
        ("Prices climbed in May.", "Prices rose in May."),
        ("The plan costs a million.", "The council rejected the plan."),
        ("", "Prices rose."),
        ("Most of them died this year.", "At least 70,000 died this year."),
        ("At 14 she joined the crew.", "She left school at 14 for the crew."),
        ("She does not accept that there are cracks.", "She rejects that view because the walls have no crack."),
        ("The province bought the field from him.", "He sold the field to the province."),
    ],
)
def test_what_has_both_words_or_none_of_a_pair_is_no_opposite(claim: str, source: str) -> None:
    assert not is_opposite(claim, source)


def test_no_word_stands_on_both_sides_of_a_pair() -> None:
    assert all(not one & other for one, other in SIDES)
    assert len(SIDES) == len(OPPOSITES)
