"""What is denied or doubted in one of two sentences and not in the other."""

import pytest

from rag.denials import changes_modal, denies_otherwise, opens, settles
from rag.replaced import SideBySide
from rag.wording import Wording


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The pier was safe.", "The pier was not safe."),
        ("The club will appeal the red card.", "The club will not appeal the red card."),
        ("The college asked her, and she has answered.", "The college has asked her, but she has not answered yet."),
        ("The council never approved the plan.", "The council approved the plan on Friday."),
        ("No tickets were sold.", "All the tickets were sold within a day."),
        ("The mayor resigned.", "The mayor refused to resign."),
        ("The plan was rejected.", "The plan was not rejected."),
        ("The plan was not rejected.", "The plan was rejected."),
        (
            "The operator did not deny that the ship was overloaded.",
            "The operator denied that the ship was overloaded.",
        ),
        ("She did not turn down an honorary degree.", "She turned down an honorary degree."),
        ("The bridge did not carry 40 cars.", "The bridge carried only 40 cars."),
        ("The firm did not close the mill in May.", "The firm closed the mill in May but denied the claims."),
        ("Most adults do not get better without being treated.", "Most adults recover without treatment."),
    ],
)
def test_a_word_that_one_of_them_denies_alone(claim: str, source: str, wording: Wording) -> None:
    assert denies_otherwise(claim, source, wording)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The pier wasn't safe.", "The pier was not safe."),
        ("Nobody pushed her out.", "“Nobody forced me out.”"),
        ("He had no part in the study.", "He was not involved in the study."),
        ("One channel marker was unlit.", "A channel marker had not been lit."),
        ("After 38 rainless days the plants lost leaves.", "After 38 days without rain the plants had lost leaves."),
        ("The sugar has not been isolated.", "They think of a sugar, but the group has not yet isolated it."),
        ("Dunmarrow won six times.", "Dunmarrow have won six times; Port Sallis have never won it."),
        ("Two growing seasons do not allow conclusions.", "Two growing seasons are too few to draw conclusions."),
        ("The council welcomed the vote.", "The council welcomed the vote but could not promise new buses."),
        ("He did not deny it.", "He did not deny it."),
        ("The plan was rejected.", "The council rejected the plan."),
        ("Nobody else reads them.", "Only she reads them."),
        ("The team declined the money that was offered.", "Money that a company offered the team was turned down."),
        ("She turned the plan down.", "She rejected the plan."),
        ("It was doing 74 not long before it hit the train.", "It was doing 74 shortly before it hit the train."),
        ("If he does not pay within a year, he will serve a year.", "He must pay within a year or serve a year."),
        ("No one in the league scored more than Belloc.", "Belloc scored more than any other player in the league."),
        ("The director said all markers had worked.", "The authority denied this. The director said markers worked."),
        ("The clerk rejected the claim that friends got plots.", "He said friends got plots. The clerk rejected this."),
    ],
)
def test_what_both_deny_or_only_one_of_them_tells_is_no_contradiction(
    claim: str, source: str, wording: Wording
) -> None:
    assert not denies_otherwise(claim, source, wording)


@pytest.mark.parametrize(
    ("claim", "source", "settled"),
    [
        ("The thruster failed before the grounding.", "The thruster may have failed before the grounding.", True),
        ("The building becomes a bookshop.", "The building will probably become a bookshop.", True),
        ("It is possible that the thruster failed.", "The thruster may have failed before the grounding.", False),
        ("The council reportedly bought a crane.", "The council is said to have bought a crane.", False),
        ("The museum opened in May.", "The museum will open in May.", True),
        ("The museum is to open in May.", "The museum will open in May.", False),
        ("The museum opened in May.", "The museum opened in May, and a second one will open next year.", False),
        ("The line cut its maintenance staff.", "The union accused the line of cutting its maintenance staff.", True),
        ("The union blamed the line for cutting staff.", "The union accused the line of cutting its staff.", False),
        ("The mill was used for housing.", "The mill is to be used for housing.", True),
        ("The bridge fell in a storm.", "Perhaps the bridge fell in a storm.", True),
        ("The birds will certainly spread.", "The birds could spread.", True),
        ("The birds will certainly spread.", "The birds are certain to spread.", False),
        ("The firm can no longer pay.", "The firm could no longer pay.", False),
        ("She considers an earthquake the likelier cause.", "She believes that an earthquake is likely.", False),
        ("They need a permit.", "They hid it so that they would not need a permit.", False),
    ],
)
def test_a_claim_that_settles_what_its_source_leaves_open(
    claim: str, source: str, settled: bool, wording: Wording
) -> None:
    assert settles(claim, source, wording) is settled


@pytest.mark.parametrize(
    ("claim", "source", "opened"),
    [
        ("The team might file a protest.", "The team filed a protest, and the jury said it would rule.", True),
        ("The team might file a protest.", "The team could file a protest.", False),
        ("The team reportedly filed a protest.", "The team is said to have filed a protest.", False),
        ("The team filed a protest.", "The team filed a protest.", False),
        ("Wyeth alleged that the warnings were ignored.", "Wyeth claimed that the warnings were ignored.", False),
    ],
)
def test_a_claim_that_leaves_open_what_its_source_tells(
    claim: str, source: str, opened: bool, wording: Wording
) -> None:
    assert opens(claim, source, wording) is opened


@pytest.mark.parametrize(
    ("claim", "source", "changed"),
    [
        ("It would reopen by Easter.", "It could reopen by Easter.", True),
        ("The firm may close its plant.", "The firm will close its plant.", True),
        ("It might reopen by Easter.", "It could reopen by Easter.", False),
        ("The firm said it would close its plant.", "The firm will close its plant.", False),
        ("It could reopen by Easter.", "It will be sold.", False),
    ],
)
def test_could_is_not_would(claim: str, source: str, changed: bool, wording: Wording) -> None:
    assert changes_modal(claim, source, wording) is changed


@pytest.mark.parametrize(
    ("claim", "source", "runs"),
    [
        ("Oil leaked from a cracked pipe.", "Oil leaked from a cracked tank.", [("pipe", "tank")]),
        (
            "It comes from a charge on residential parking.",
            "It will come from a charge on workplace parking.",
            [("residential", "workplace")],
        ),
        ("It hurts for several weeks.", "It hurts for several months.", [("weeks", "months")]),
        ("The doctors of the town met on Monday.", "The physicians of the town met on Monday.", []),
        ("The firm carried 106 people over the lake.", "The firm took 107 people over the lake.", []),
        ("The town lies in a valley.", "A dam was built above the farms in spring.", []),
    ],
)
def test_a_word_in_the_place_of_another(claim: str, source: str, runs: list[tuple[str, str]], wording: Wording) -> None:
    assert list(SideBySide(claim, source, wording).replaced()) == runs


@pytest.mark.parametrize(
    ("claim", "source", "runs"),
    [
        (
            "Digging on the hill resumes on 12 March with a larger team.",
            "Digging on the hill resumes on 12 March.",
            ["with a larger team"],
        ),
        ("It now opens on 12 March.", "It opens on 12 March.", []),
        ("A dam of four metres in height was built near the farms.", "It opens on 12 March.", []),
    ],
)
def test_words_that_were_put_into_a_sentence(claim: str, source: str, runs: list[str], wording: Wording) -> None:
    assert list(SideBySide(claim, source, wording).inserted()) == runs


def test_words_are_held_in_their_context_and_the_very_word_wholly(wording: Wording) -> None:
    claim = "The physicians of the town met."
    [physicians, town, met] = wording.held_in_context(claim, "The doctors of the town met on Monday.")
    assert (town, met) == (1.0, 1.0)
    assert 0.6 < physicians <= 1.0
    [far, *_] = wording.held_in_context(claim, "The river rose by two metres over the town.")
    assert far < 0.4
    assert wording.held_in_context(claim, "", "The town of Brill") == [0.0, 1.0, 0.0]
