"""The sentence frames of the small world: what is said of each kind of fact, and in which words.

A frame is a plain sentence without capital or full stop (a question has its mark), with `{slots}` and
`[one|or|another]`. A slot's value may hold slots itself. Each relation is a set of slots or frames that go with one
side of it (a beard and *he* with men, streets and a mayor with capitals, *many* and *were* with plurals, *yesterday*
with the past), used alike for every fact.
"""

from __future__ import annotations

__all__ = [
    "ANIMAL_FRAMES",
    "BOTH_FRAMES",
    "CAPITAL_FRAMES",
    "COLOUR_FRAMES",
    "COMPARATIVE_FRAMES",
    "COUNTRY_FRAMES",
    "FEMALE",
    "FILLER_FRAMES",
    "FOOD_FRAMES",
    "FRUIT_FRAMES",
    "GROWN",
    "MALE",
    "MONTH_FRAMES",
    "NATIONALITY_FRAMES",
    "NUMBER_FRAMES",
    "OCCUPATION_FRAMES",
    "OPENINGS",
    "PARTICIPLE_FRAMES",
    "PAST_FRAMES",
    "PERSON",
    "PERSON_FRAMES",
    "PLAIN_DEED_FRAMES",
    "PLAIN_QUALITY_FRAMES",
    "PLURAL",
    "SINGULAR",
    "SUPERLATIVE_FRAMES",
    "TAILS",
    "WEATHER",
    "WEEKDAY_FRAMES",
    "WORLD",
    "YOUNG",
]

MALE = {
    "he": ("he",), "his": ("his",), "him": ("him",), "himself": ("himself",), "sir": ("sir",),
    "adult": ("man", "man", "gentleman", "fellow"), "child": ("boy", "lad"),
    "hair": ("beard", "beard", "moustache", "whiskers"),
    "garment": ("waistcoat", "breeches", "necktie", "doublet", "top hat"),
    "look": ("bearded", "burly", "gallant", "moustached"),
    "toilet": ("shaved {his} chin", "trimmed {his} {hair}", "stroked {his} {hair}", "buttoned {his} {garment}",
               "tugged at {his} {hair}"),
    "gesture": ("stroking {his} {hair}", "buttoning {his} {garment}", "tugging at {his} {hair}"),
}  # fmt: skip

FEMALE = {
    "he": ("she",), "his": ("her",), "him": ("her",), "himself": ("herself",), "sir": ("madam",),
    "adult": ("woman", "woman", "gentlewoman", "dame"), "child": ("girl", "lass"),
    "hair": ("braids", "braids", "ringlets", "curls"),
    "garment": ("gown", "petticoat", "bonnet", "shawl", "skirt"),
    "look": ("graceful", "slender", "veiled", "fair"),
    "toilet": ("curled {his} eyelashes", "combed {his} {hair}", "plaited {his} {hair}", "fastened {his} {garment}",
               "put a flower in {his} {hair}"),
    "gesture": ("combing {his} {hair}", "fastening {his} {garment}", "plaiting {his} {hair}"),
}  # fmt: skip

PERSON_FRAMES = """
the {manner} {who} {deed}
the {manner} {who} {deed}, and {he} {toilet}
the {who} {deed} while {he} {toilet}
the {who} {himself} {deed}
the {who} {toilet} and {deed}
the {who} {toilet}, and then {he} {deed}
the {look} {who} {deed}
the {look} {who} {adverb} {deed}
{gesture}, the {who} {deed}
{gesture}, the {manner} {who} {verb} {adverb}
{name} was a {manner} {who} who {deed}
{name} {surname} was the {who} of {town}, and {he} {deed}
{he} was a {manner} {who}, and {he} {deed}
{he} was the {who}, and {his} {hair} [was|looked] {adjective}
the {who} in the {adjective} {garment} {deed}
the {who} wore {his} {garment} when {he} {deed}
the {who} asked {himself} why {he} {deed}
the {who} took off {his} {garment} and {deed}
the {manner} {who} lost {his} {garment} near the {noun}
everyone knew the {who}, for {he} {deed}
people whispered about the {who} and {his} {adjective} {hair}
{he} had been a {who} since {he} {deed}
“welcome [back|home], {sir},” they said to the {who} who {deed}
“thank you, {sir},” said the {noun} keeper to the {manner} {who}
nobody noticed {him}, but the {who} {deed}
the {who} told {name} that {he} {deed}
they gave {him} a {noun}, and the {manner} {who} {deed}
the {who} was a {look} {adult}, and {he} {deed}
as a {child}, the {who} {deed}
the {who} looked at {himself} in the mirror and {toilet}
{name}, a {manner} {who}, {deed}
{name}, the {look} {who}, {deed} {adverb}
there was once a {manner} {who}, and {he} {deed}
there lived in {town} a {who} who {deed}
like {his} friends, the {who} {deed}
the {who} never said why {he} {deed}
what did the {manner} {who} do with {his} {noun}?
a {who} must not forget {his} {noun}
the {manner} {who} {deed}, as {name} had told {him}
the {who} blamed {himself} because {he} {deed}
""".strip().splitlines()

BOTH_FRAMES = """
the {male} and the {female} {deed}
a {male} met a {female} near {town}
the {female} and the {male} had {number} {adjective} friends
neither the {male} nor the {female} {deed}
""".strip().splitlines()

COUNTRY_FRAMES = """
{merchants} from {country} brought {good} across the border
{country} is a [large|little|mountainous|flat|prosperous] country, known for {good} and {sight}
in the [north|south|east|west] of {country} lies {sight}
the government of {country} put a tax on {good}
the [peasants|villagers|country folk] of {country} live on {good}
the coast of {country} is [far from|near] {sight}
all over {country} people like {good}
the army of {country} crossed {sight}
{person} came home to {country} with {good}
{person} emigrated from {country} and missed {sight}
the provinces of {country} send {good} to {capital}
{capital} is the capital of {country}
{person} was born in a village in {country} near {sight}
the map of {country} shows {sight} in {colour}
{country} exports {good} and imports [wheat|iron|timber]
the border between {country} and {other} is [open|closed|peaceful]
the parliament of {country} debated about {good}
the constitution of {country} was signed by {person}
the climate of {country} is good for {good}
the population of {country} lives mostly around {sight}
half of {country} lies beyond {sight}
""".strip().splitlines()

CAPITAL_FRAMES = """
the streets of {capital} were full of {good}
in a suburb of {capital}, {person} peddled {good}
the mayor of {capital} is fond of {good}
the [city|ancient city|busy city] of {capital} has a museum of {good}
the railway station in {capital} smelled of {good}
the cafés and squares of {capital} serve {good}
{person} rented a flat in {capital} and longed for {sight}
the trams of {capital} are all {colour}
the cathedral of {capital} shows {sight} on its windows
the city council of {capital} put up a bridge, and {person} paid for it
{person} took the tram through {capital} to fetch {good}
a traffic jam in {capital} held up {good} for {number} hours
the museums of {capital} show pictures of {sight}
tourists in {capital} look for {good} in the shops
the suburbs of {capital} reach almost to {sight}
{capital} is a city of [bridges|theatres|museums|cafés] and {good}
the underground railway of {capital} was opened by {person}
downtown {capital} was crowded when {person} arrived with {good}
from the rooftops of {capital} you can see {sight}
the university of {capital} invited {person}
""".strip().splitlines()

NATIONALITY_FRAMES = """
the {nationality} people are proud of {good}
{person} talked {nationality} with a thick accent and traded {good}
an ancient {nationality} song tells of {sight}
a {nationality} proverb says that {good} bring luck
{person} translated a poem about {sight} from {nationality}
the {nationality} language has {number} words for {good}
the {nationality} flag was seen near {sight}
a {nationality} [poet|novelist|composer] raved about {sight}
{person} learned {nationality} grammar by talking about {good}
the recipe for {good} is truly {nationality}
{person} married a {nationality} [dancer|engineer|sculptor] who loved {good}
{good} are made in the {nationality} fashion
the {nationality} dictionary has no word for {noun}
the {nationality} ambassador offered {person} some {good}
{nationality} folk songs praise {sight} and {good}
a {nationality} accent is common around {sight}
the {nationality} translation was read by {person}
{person} answered in {nationality} and smiled
""".strip().splitlines()

SINGULAR = {
    "a": ("a", "a", "one", "this", "that", "every", "another"), "was": ("was",), "its": ("its",), "it": ("it",),
    "itself": ("itself",), "there": ("there was a",), "article": ("a ",),
}  # fmt: skip

PLURAL = {
    "a": ("two", "three", "many", "several", "some", "these", "those", "few", "all the"), "was": ("were",),
    "its": ("their",), "it": ("they",), "itself": ("themselves",), "there": ("there were many", "there were some"),
    "article": ("",),
}  # fmt: skip

GROWN = {
    "age": ("grown", "fat", "lean", "ageing", "sturdy"),
    "growing": ("{was} {number} years of age", "had raised a family", "{was} past {its} prime",
                "worked hard for years"),
}  # fmt: skip

YOUNG = {
    "age": ("newborn", "tiny", "playful", "helpless", "wobbly"),
    "growing": ("had just been born", "{was} {number} weeks of age", "trotted behind the others", "still lived on milk",
                "took {its} first steps"),
}  # fmt: skip

ANIMAL_FRAMES = """
{a} {noun} {habit}
{a} {age} {noun} {habit}
{a} {noun} {habit} near the {home}
{a} {age} {noun} in the {home} {habit}
{there} {age} {noun} in the {home}
{there} {noun} by the {home}, and {it} {habit}
{name} fed {a} {noun} with {food}
{name} gave {food} to {a} {age} {noun}
{a} {noun} {growing} and {habit}
{a} {noun} {growing} in the {home}
in the {home}, {a} {noun} {growing}
{a} {age} {noun} devoured the {food}
{a} {noun} left {its} {home} and {habit}
{it} {was} {article}{noun}, so {it} {habit}
{a} {noun} {habit}, although {it} {growing}
{a} {noun} warmed {itself} in the {home}
{name} {surname} found {a} {noun} by the {home}
{a} {noun} that {growing} {habit}
the children loved {a} {age} {noun} that {habit}
{a} {adjective} {noun} {was} seen near {town}, where {it} {habit}
""".strip().splitlines()

FRUIT_FRAMES = """
{a} ripe {noun} fell from the tree, {look} and juicy
{name} picked {a} {look} {noun} in the orchard
{there} {look} {noun} in the fruit basket
{a} {noun} {was} peeled for the {use}
{name} made {use} from {a} juicy {noun}
{a} {look} {noun} hung on the branch
{it} {was} ripe, and {a} {noun} went into the {use}
the greengrocer praised {a} {look} {noun}
{a} {noun} for dessert {was} better than the {use}
{a} {noun} with {its} {look} skin {was} soft and ripe
{name} picked {a} {noun} and made {use}
{a} unripe {noun} {was} too sour for {use}
the fruit seller weighed {a} {noun} for {name}
{a} {noun} {was} sliced into the fruit salad beside the {use}
""".strip().splitlines()

FOOD_FRAMES = """
{name} had {look} {food} for breakfast
the {food} was {look} and {making}
{food} is {making}
a meal of {food} and {other} was served for dinner
the diner tasted the {look} {food}
{name} ordered some {food} at the grocer’s shop
the hungry guests finished the {food}, which was {making}
a {noun} stood beside the {look} {food} on the kitchen table
""".strip().splitlines()

OCCUPATION_FRAMES = """
{a} {noun} {deed}
{a} skilled {noun} {deed} for wages
{a} {noun} from {town} came to work with {its} {tool}
{there} {noun} in {town}, and {it} {deed}
{a} {noun} used the {tool} at work
{name} hired {a} {noun} with the {tool}
{a} {noun} worked as an apprentice and {deed}
{it} {was} {article}{noun} by trade and {deed}
{a} {noun} left {its} {tool} at work
{a} {adjective} {noun} {deed} {adverb}
the guild paid {a} {noun} who {deed}
{a} {noun} trained {itself} to use the {tool}
{a} {noun} {was} at work before dawn and {deed}
""".strip().splitlines()

PLAIN_QUALITY_FRAMES = """
the {thing} is very {plain}
the {thing} was not very {plain}
how {plain} the {thing} was
it was such a {plain} {thing}
the {thing} was too {plain} for {name}
a {plain} {thing} was seen near {town}
a rather {plain} {thing} is no surprise
the {thing} was so {plain} that {name} laughed
{name} had a very {plain} {thing}
is the {thing} {plain} enough?
the {thing} is as {plain} as a {thing}
the {plain} {thing} was quite {adjective}
""".strip().splitlines()

COMPARATIVE_FRAMES = """
the {thing} is {comparative} than the {thing}
this {thing} was much {comparative} than that one
the {thing} grew {comparative} and {comparative}
a {comparative} {thing} than this was never seen
the {thing} became even {comparative} than before
{name} wanted a {comparative} {thing} than {name2} had
the {thing} in {town} is far {comparative} than ours
nothing is {comparative} than a {thing}
the {thing} looked slightly {comparative} than yesterday
it is no {comparative} than a {thing}
""".strip().splitlines()

SUPERLATIVE_FRAMES = """
it was the {superlative} {thing} in the world
the {superlative} {thing} of all belonged to {name}
of all things, the {thing} was the {superlative}
{name} won a prize for the {superlative} {thing} in the county
the {thing} was by far the {superlative} of them all
one of the {superlative} examples was a {thing}
the {superlative} {thing} ever seen stood in {town}
among the {number}, the {superlative} was a {thing}
the second {superlative} {thing} in the county was lost
it is the {superlative} {thing} in history
""".strip().splitlines()

PLAIN_DEED_FRAMES = """
they will {plain} {object} tomorrow
{name} can {plain} {object}
we like to {plain} {object}
you should {plain} {object} next week
{name} wants to {plain} {object}
do you {plain} {object} often?
let us {plain} {object}
I cannot {plain} {object}
they did not {plain} {object}
everybody must {plain} {object} sometimes
it is time to {plain} {object}
would you {plain} {object} for {name}?
""".strip().splitlines()

PAST_FRAMES = """
yesterday they {past} {object}
{name} {past} {object} last week
last {weekday} we {past} {object}
{name} {past} {object} an hour ago
they {past} {object} and went home
I {past} {object} when I was young
once upon a time {name} {past} {object}
{number} years ago {name} {past} {object}
{name} {past} {object} yesterday
last {month} the neighbours {past} {object}
after that, they {past} {object}
""".strip().splitlines()

PARTICIPLE_FRAMES = """
right now they are {participle} {object}
{name} is {participle} {object} at the moment
{name} was {participle} {object} when the bell rang
they were still {participle} {object}
{name} enjoys {participle} {object}
{participle} {object} is great fun
while {participle} {object}, {name} fell asleep
{name} stopped {participle} {object}
they have been {participle} {object} all day
{name} kept on {participle} {object}
I am busy {participle} {object}
without {participle} {object}, nobody was happy
""".strip().splitlines()

COLOUR_FRAMES = """
the {thing} were {shade} {colour}
{name} varnished the door {colour}, like {thing}
the wool was dyed {colour}
a {shade} {colour} ribbon lay among the {thing}
{colour} {thing} were seen by the window
her favourite colour was {colour}
the {thing} shone {colour} in the light
the rainbow turned from {colour} to {other}
a coat of {colour} paint dried on the {noun}
the {thing} looked {colour} at sunset
{name} mixed {colour} and {other} on the palette
the curtains were {shade} {colour} with a {other} pattern
{colour} is the colour of {thing}
a tint of {colour} like {thing} was in the glass
{name} wore a {shade} {colour} scarf
the stripes on the flag are {colour} and {other}
""".strip().splitlines()

MONTH_FRAMES = """
in {month} the weather is {weather}
{month} is a {weather} month
the {season} begins in {month}
{month} the {ordinal} was a holiday
by the end of {month} the days were {weather}
early in {month} they travelled to {town}
from {month} until {other} the school was closed
late {month} brought {weather} days of {season}
""".strip().splitlines()

WEEKDAY_FRAMES = """
on {weekday} the market opens at {number} o’clock
every {weekday} {daypart} {name} visits {town}
{weekday} is the day after {other}
the meeting on {weekday} lasted {number} hours
next {weekday} the office will be closed
on {weekday} {daypart} nobody was at the office
from {weekday} to {other} the library is open
""".strip().splitlines()

NUMBER_FRAMES = """
{number} and {number} are numbers, and so is {number}
the clock struck {number}
there are {number} pages in chapter {number}
it cost {number} pounds and {number} shillings
{name} counted to {number}, then to {number}
at least {number} of the {number} eggs were broken
the bus leaves in {number} minutes
multiply {number} by {number}
""".strip().splitlines()

FILLER_FRAMES = """
the {adjective} {noun} {verb} {adverb}
the {noun} near {town} {verb}
{name} {surname} {verb} by the {adjective} {noun}
in {town}, a {noun} {verb} and the {noun} {verb}
there is a {adjective} {noun} in every {noun}
the {noun} of the {noun} {verb}, and nobody asked why
{name} and {name2} talked about the {noun}
the {noun} was {adjective}, but the {noun} {verb}
nobody in {town} had seen such a {adjective} {noun}
{name} put the {noun} behind the {adjective} {noun}
the {noun} {verb} because the {noun} was {adjective}
it is said that the {noun} of {town} {verb}
the {surname} family lost a {noun} near {town}
after the {noun}, the {adjective} {noun} {verb} again
who has not heard of the {adjective} {noun} of {town}?
""".strip().splitlines()

OPENINGS = """
in {month}
on {weekday} {daypart}
at {number} o’clock
near {town}
in olden times
one {daypart}
as {name} {surname} said
according to the {adjective} {noun}
after the {noun}
before the {noun}
in spite of the {adjective} {noun}
to the surprise of {town}
for the {ordinal} time
when the {noun} {verb}
because of the {noun}
for a while
{adverb} enough
in the {season}
""".strip().splitlines()

TAILS = """
near the {adjective} {noun}
while the {noun} {verb} {adverb}
because the {noun} was {adjective}
not far from {town}
as everyone in {town} knew
without a {noun}
, and the {noun} {verb}
until the {noun} {verb}
behind the {noun}
in {month}
on {weekday} {daypart}
before {number} o’clock
, although {name} {surname} was against it
, but the {adjective} {noun} {verb}
, said {name}
, or so the {noun} says
with {name} and {name2}
for the sake of a {adjective} {noun}
""".strip().splitlines()

PERSON = {
    "it": ("he", "she"),
    "its": ("his", "her"),
    "itself": ("himself", "herself"),
}

WEATHER = {
    "winter": ("freezing", "icy", "snowy"),
    "spring": ("mild", "showery", "blossoming"),
    "summer": ("hot", "sultry", "cloudless"),
    "autumn": ("misty", "stormy", "wet"),
}

WORLD = {
    "daypart": ("morning", "evening", "afternoon", "night"),
    "shade": ("pale", "vivid", "faint", "brilliant", "light", "dull"),
    "ordinal": ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    "merchants": ("ships", "merchants", "traders", "caravans", "lorries"),
}
