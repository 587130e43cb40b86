"""One agency report as seven papers print it, and texts that look alike and are no copies of it."""


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each in one line."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def article(*parts: str) -> str:
    """A text of these paragraphs."""
    return "\n\n".join(parts)


REPORT = paragraphs("""
The river Lenne burst its banks at Altena on Tuesday night and flooded the old town up to the first floors, the
district fire service said. Some 340 people were brought to safety in boats and by helicopter. Two men, aged 61 and
74, were taken to hospital with exposure; nobody was killed.

The gauge at the stone bridge stood at 5.82 metres shortly after midnight, the highest level since records began in
1906. “We had forty minutes between the warning and the water,” said Karla Brandt, who leads the fire service. “Ten
years ago we would have had four hours.”

The water authority blames a dam of driftwood that gave way above the town. It had formed under the railway bridge at
Pragpaul in the afternoon, when 118 litres of rain fell on each square metre within six hours, more than in an
ordinary month of July. Divers are to look at the piers on Thursday; until then no train runs between Werdohl and
Letmathe.

The mayor, Uwe Kober, asked the state for help. The damage to public buildings alone comes to at least 28 million
euros, he said, and the town can spend three million a year. A wall against floods, planned since 2013, was never
built because the owners of 17 plots could not be brought to sell.

The state’s minister for the environment, Ines Pohlmann, promised to visit the town on Friday. She would not say
whether the wall will be paid for. “We talk about money when the cellars are dry,” she told reporters in Düsseldorf.

Schools stay closed until Monday. Drinking water must be boiled in the districts of Rahmede and Dahle. The wire works,
with 900 employees the largest employer of the valley, stopped its furnaces and expects to be idle for at least two
weeks.
""")

HEADLINE = "Flood in Altena drives 340 people from their homes"
WIRE = article(HEADLINE, *REPORT)

[LOCAL] = paragraphs("""
From Hagen, 46 volunteers of the relief service drove up the valley on Tuesday evening with nine pumps and a field
kitchen. “We will stay until the last cellar is empty,” said their leader, Timo Weiss. Donations of blankets are taken
in the gymnasium on Körner Street.
""")
"""The paragraph that one paper added."""

MORE = "More on this: Our pictures of the night. How to help. Where the trains run. The weather in your town."
[SUBSCRIBE] = paragraphs("""
You have read three of five free articles this month. The Courier is written by 41 people who live in this valley. If
you value what they do, take out a subscription; the first four weeks cost one euro.
""")

EDITS = {
    "Some 340 people": "About 340 residents",
    "shortly after midnight": "soon after midnight",
    "The water authority blames": "According to the water authority, the cause was",
    "asked the state for help": "called on the state to help",
    "“": '"',
    "”": '"',
    "’": "'",
    "Düsseldorf": "Dusseldorf",
}


def edited(text: str) -> str:
    """The text as a sub-editor leaves it, in capitals."""
    for before, after in EDITS.items():
        text = text.replace(before, after)
    return text.upper()


COPIES = {
    "agency": WIRE,
    "brief": article("Floods: hundreds rescued in Altena", *REPORT[:2]),
    "cut": article("Altena under water", *REPORT[:4]),
    "edited": edited(WIRE),
    "furniture": article("THE LENNE VALLEY COURIER", HEADLINE, *REPORT[:2], MORE, *REPORT[2:], SUBSCRIBE),
    "headline": article("“Forty minutes between the warning and the water”", "By our own correspondent", *REPORT),
    "local": article("Volunteers from Hagen help in flooded Altena", *REPORT[:3], LOCAL, *REPORT[3:5]),
}
"""The same report: as it was sent, cut, edited, with a paper's furniture, headline or local paragraph."""

REPORTER = article(
    *paragraphs("""
Night of fear on the Lenne

When the sirens went off at a quarter to eleven, Hanne Sudhaus thought of a drill. Twenty minutes later the water
stood in her bakery in Lenne Street, and by midnight only the sign above the door could be seen. “I have carried out
flour sacks all my life,” says the 58-year-old. “This time I carried out my mother.”

Altena, a town of 16,000 in the Sauerland, counts what the river has left. The fire service speaks of 340 people who
had to leave their homes. Nobody died, which many here call a miracle: the gauge at the stone bridge stood at 5.82
metres, the highest level since records began in 1906.

“We had forty minutes between the warning and the water,” said Karla Brandt, who leads the fire service. She has been
on her feet for thirty hours. Behind her, soldiers shovel mud out of the town hall. The archive, moved to the attic in
2019, is dry.

Why it came so fast is a question that nobody in the town likes to answer. A wall was planned, and everybody knows the
names of those who would not sell. “Now their houses are gone as well,” says a man with a wheelbarrow, who gives no
name. The mayor, Uwe Kober, says that he blames nobody. He has asked the state for help and waits for Friday, when the
minister wants to come.
""")
)
"""Another report on the same event: the same facts, one quote and one half sentence in common."""

SERIES_ABOVE, SERIES_BELOW = paragraphs("""
The weekly report of the Lenne valley market association appears on Fridays. All prices are those paid to the
producer, free at the yard, without tax. Prices in brackets are those of the week before. The association takes no
responsibility for errors, and a repetition of its figures is allowed where it is named as the source.

Members may report prices by telephone until Thursday noon. The office in Werdohl is open from Monday to Thursday
between nine and four. The next meeting of the board is open to all members, and minutes are sent to those who ask for
them in writing.
""")
WEEK_1 = paragraphs("""
Potatoes were in demand, as the heat of the last days has brought the early harvest to an end. The best went for 41
euros (38) a hundred kilos, smaller ones for 29 (29). Onions were hardly to be had; a trader from Iserlohn bought what
there was at 55 euros.

Cattle prices fell for the third week. Young bulls brought 4.61 euros (4.70) a kilo, cows 3.95 (4.02). Slaughterhouses
point to full cold stores; farmers speak of imports. Piglets stayed at 72 euros.
""")
WEEK_2 = paragraphs("""
Rain kept the diggers from the fields, and little came to market. Carrots rose to 33 euros (27), white cabbage to 24
(20). Of apples the first Gravensteiner arrived from the Rhine, small but sound, and went for 90 euros a hundred kilos
within an hour.

Milk is the worry of this week. The dairy in Letmathe has cut its price by two cents to 41.5, and another cut is
expected. Eggs were quiet at 12.80 for a hundred, brown ones a little dearer. Hay of the first cut cost 130.
""")
SERIES = {f"week{number}": article(SERIES_ABOVE, *week, SERIES_BELOW) for number, week in ((1, WEEK_1), (2, WEEK_2))}
"""Two issues of a weekly report: half of each is the same two paragraphs, word for word."""
