"""Words without a lesson: what the small world talks about besides its facts, the commonest first.

The lists are drawn from by Zipf's law (the word of rank r about 1/r as often as the first), so that a text has a few
words that are everywhere and a long tail of rare ones, as any text has.
"""

from __future__ import annotations

__all__ = ["ADJECTIVES", "ADVERBS", "FEMALE_NAMES", "MALE_NAMES", "NOUNS", "SURNAMES", "TOWNS", "VERBS"]


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


NOUNS = _words("""
    house day morning garden road story door wall question idea window village matter hill letter church field storm
    journey answer market problem corner secret forest wagon rumour gate bridge lantern cloud picture promise
    neighbour stranger traveller evening shadow harbour festival meadow mirror puzzle riddle valley fountain quarrel
    accident mistake parcel building staircase signal echo tower tavern inn candle curtain cupboard attic porch
    fence kettle basket barrel bottle box drawer key lock map page chapter poem song concert lecture
    meeting council election tax law custom habit rule plan purpose reason fact detail example lesson mystery legend
    miracle dream memory thought opinion belief doubt fear hope wish anger sorrow joy silence noise whistle footstep
    knock shout warning message telegram envelope stamp newspaper headline journal diary notebook pen blot carpet
    sofa stove roof gutter drain pavement crossroads signpost milestone turnpike ferry jetty lighthouse
    beach dune island cape bay current tide wave breeze gale drizzle mist fog frost snowfall rainbow sunrise sunset
    twilight midnight noon moonlight starlight comet eclipse season calendar clock pendulum engine boiler factory
    workshop quarry furnace railway platform carriage luggage passenger guard timetable delay detour compass voyage
    cargo dock crane invoice receipt coin purse wallet debt loan bargain auction fair circus juggler
    acrobat clown puppet marionette balloon kite ribbon tablecloth napkin saucer teapot jar
    sieve sink tap bucket broom mop nail hinge latch bolt chain padlock fossil crystal
    gemstone feather eggshell thorn nettle ivy moss mushroom hawthorn willow elm birch alder beech
    hedgehog squirrel badger otter weasel stoat magpie sparrow starling robin thrush cuckoo spider web
    ant bee wasp hornet dragonfly grasshopper glow-worm earthworm
""")

ADJECTIVES = _words("""
    good new great little strange cautious tranquil plain certain famous simple empty curious broken open
    narrow crowded distant familiar average lonely pleasant dusty wooden muddy foreign busy gloomy peaceful
    remarkable splendid dreadful peculiar useless wonderful enormous antique modern shabby
    stylish crooked hollow rusty gleaming faded forgotten hidden private mysterious puzzling
    ridiculous absurd serious solemn merry lively sleepy restless gentle rough smooth slippery damp dry windy sunny
    rainy foggy frosty chilly stuffy breezy spacious cramped tidy untidy neat careless careful clever
    foolish wise stubborn patient impatient civil rude grateful thankless loyal treacherous suspicious
    reliable doubtful probable impossible unlikely inevitable sudden gradual final recent former daily weekly yearly
    local rural urban coastal inland northern southern eastern western upper outlying central outer inner
    abandoned ruined restored rebuilt unfinished renowned unknown popular disliked celebrated neglected
""")

ADVERBS = _words("""
    slowly quickly quietly often again soon always never suddenly carefully gladly sadly almost softly loudly easily
    gently proudly politely rarely finally calmly eagerly bravely seriously secretly openly clumsily cleverly
    cheerfully gloomily patiently anxiously silently noisily lazily busily solemnly merrily awkwardly gracefully
    honestly foolishly wisely stubbornly reluctantly willingly grimly kindly rudely warily wearily briskly smoothly
    roughly faintly brightly dimly vaguely precisely exactly apparently doubtfully hopefully unexpectedly
""")

VERBS = _words("""
    seemed looked stood came went stayed fell turned began ended changed remained appeared vanished arrived left
    returned waited stopped moved opened closed shook broke burned rattled creaked echoed glittered trembled waited
    lingered wandered drifted rolled tumbled slid shone faded grew shrank spread gathered scattered melted froze
    cracked split leaned collapsed survived flourished failed succeeded mattered helped hurt pleased annoyed
    surprised puzzled worried amused bored frightened
""")

MALE_NAMES = _words("""
    John Thomas William George Henry James Robert Edward Charles Arthur Walter Peter Richard Harold Albert Frank
    Simon Daniel Martin Hugh Edmund Ralph Stephen Philip Gilbert Oswald Roland Percival Barnaby Ambrose Cuthbert
    Lancelot Godfrey Bertram
""")

FEMALE_NAMES = _words("""
    Mary Anne Elizabeth Margaret Jane Alice Catherine Eleanor Matilda Dorothy Florence Agnes Helen Clara Emma Rachel
    Judith Harriet Louisa Isabel Rosalind Winifred Edith Mabel Cecily Philippa Ursula Millicent Gwendolen Drusilla
    Guinevere Hildegard Araminta Ottilie
""")

_ROOTS = "Ash Thorn Elm Wood Stone Hart Brad Win Whit Black Mar Hal Ald Brook Oak Wil Ever Long Kings Norring Led Pem"
_PLACES = "ton ford bury ham ley field wick stead bourne combe minster worth"
_FAMILIES = "man son well wright shaw croft by more smith ridge wood ward"

TOWNS = tuple(root + ending for ending in _PLACES.split() for root in _ROOTS.split())
SURNAMES = tuple(root + ending for ending in _FAMILIES.split() for root in _ROOTS.split() if root.lower() != ending)
