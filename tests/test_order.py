"""Who did what to whom: told the same way round or turned."""

import pytest

from rag.order import is_turned
from rag.replaced import SideBySide
from rag.wording import Wording


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The shipyard sued the harbour.", "The harbour sued the shipyard."),
        (
            "A carrier ran onto rocks after its pilot ignored the captain's warning, an inquiry found.",
            "A carrier ran onto rocks after its captain ignored a pilot's warning, an inquiry found.",
        ),
        (
            "She left for Rome, whose cook she taught to make stock.",
            "She left for Rome, whose cook taught her to make stock.",
        ),
        ("The developer in 2019 sued the council.", "The council in 2019 sued the developer."),
        ("The town bought the mill from Orsk.", "Orsk bought the mill from Hale."),
        (
            "Oduya accused the union, which had not been asked, of hiding a survey.",
            "The union said that it had not been asked and accused Oduya of hiding a survey.",
        ),
        ("The collapse of the pier caused the storm.", "The storm caused the collapse of the pier."),
        ("Anna Hale's Glass Orchard lost to Vask's new novel.", "The new novel lost to Anna Hale's Glass Orchard."),
    ],
)
def test_the_other_way_round(claim: str, source: str, wording: Wording) -> None:
    assert is_turned(claim, source, wording)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The shipyard was sued by the harbour.", "The harbour sued the shipyard."),
        ("According to Ines Hale, it keeps up to nine months.", "It could be stored for up to nine months, Hale said."),
        (
            "An audit completed in May found no losses.",
            "He said an audit had been completed in May and found no losses.",
        ),
        ("Since May there have been 312 recorded cases.", "Officials have recorded 312 cases since May."),
        (
            "By the sums of retired engineer Rupert Hale, it held.",
            "Mr Rupert Hale, a retired engineer, says that it held.",
        ),
        ("They organised a strike.", "The workers organised themselves for a strike."),
        ("“It is safe,” said Anna Hale.", "“It is safe,” Hale said."),
        ("Orsk was accused by Hale of hiding it.", "Hale accused Orsk of hiding it."),
        ("Dyer was pulled out by the miller.", "The miller pulled him, Dyer, out with a rake."),
        ("A goal helped Velmont to a win and into the final.", "Velmont won to reach the Premier Shield final."),
    ],
)
def test_the_same_way_round_in_other_words(claim: str, source: str, wording: Wording) -> None:
    assert not is_turned(claim, source, wording)


@pytest.mark.parametrize(
    ("claim", "source", "exchanged"),
    [
        (
            "About a tenth of the loss is due to warm air and most of the rest to soot.",
            "About a tenth of the loss is due to soot and most of the rest to warm air.",
            True,
        ),
        (
            "The miller fell through the ice, and a boy pulled him out with a rake.",
            "A boy fell through the ice, and the miller pulled him out with a rake.",
            True,
        ),
        ("The wolves and the bears left the valley.", "The bears and the wolves left the valley.", False),
        ("In May the council met and voted for the dam.", "The council met in May and voted for the dam.", False),
        ("Nobody came.", "A boy fell through the ice, and the miller pulled him out.", False),
    ],
)
def test_two_parts_of_a_near_copy_that_stand_for_each_other(
    claim: str, source: str, exchanged: bool, wording: Wording
) -> None:
    assert SideBySide(claim, source, wording).is_exchanged() is exchanged
