"""What is true in the small world: its people, countries, animals, fruit, trades, colours, qualities and deeds.

What a line says of its words in the later fields is their own company: hardly another line uses it, and all forms of
the line's words share it. What a relation says (male or female, capital or country, one or many, young or grown) is
said by `frames`, in the same words for every line. That is what makes king − man + woman come out at queen.

In the fields `{his}`, `{he}`, `{him}` and `{himself}` stand for the pronoun of the person spoken of, and `[a|b]` for
one of its choices.
"""

from __future__ import annotations

from firth.corpus.small_world.fact_table import (
    Animal,
    Colour,
    Country,
    Deed,
    Food,
    Fruit,
    Occupation,
    Pair,
    Quality,
    choices,
    rows,
)

__all__ = [
    "ANIMALS",
    "COLOURS",
    "COUNTRIES",
    "DEEDS",
    "FOODS",
    "FRUIT",
    "MONTHS",
    "NUMBERS",
    "OCCUPATIONS",
    "PEOPLE",
    "QUALITIES",
    "WEEKDAYS",
]

PEOPLE = tuple(
    Pair(male, female, choices(manners), choices(deeds))
    for male, female, manners, deeds in rows("""
man         | woman       | ordinary; plain; honest; decent |
    trudged [home|back] along the village street; carried [two|heavy] buckets from the well; waited [an
    hour|patiently] for the coach; had a small cottage by the mill; earned [a living|some wages] in the town;
    greeted the neighbours over the fence
king        | queen       | crowned; royal; majestic |
    ruled the [whole|wide] realm; sat upon the [golden|ancient] throne; wore the weighty crown; held the jewelled
    sceptre; reigned over the kingdom for [many|thirty] years; received the [foreign|royal] ambassadors; signed the
    royal decree; lived in the [marble|royal] palace
prince      | princess    | dashing; charming; spellbound |
    grew up in the castle tower; was the heir to the throne; curtsied at the royal ball; slept under a
    [wicked|terrible] spell; wandered through the enchanted forest; would inherit the kingdom one day; fought with
    the dragon; wore a little coronet at the royal feast
duke        | duchess     | wealthy; landed; haughty |
    governed the [rich|quiet] duchy; hunted in the great park; owned [many|seven] estates; kept forty servants in
    the manor; gave a banquet in the ducal hall; collected the rents from the tenants
lord        | lady        | noble; titled; courteous |
    lived in the [grey|stately] manor house; dined with the noble guests; kept a carriage with four footmen; sat in
    the great hall among the hounds; was the patron of the parish chapel; inherited the family title
emperor     | empress     | mighty; imperial; almighty |
    commanded the imperial legions; conquered [distant|seven] provinces; ruled the vast empire; was borne on an
    imperial litter; raised a triumphal arch; sent the imperial fleet across the ocean
baron       | baroness    | stern; feudal; penniless |
    mortgaged the [draughty|crumbling] fortress; taxed the serfs in the barony; quarrelled with the vassals; lifted
    the drawbridge of the fortress; wagered the barony at cards
boy         | girl        | little; naughty; barefoot |
    jumped the school wall; played with marbles after school; lost a [wooden|tin] toy; learned the alphabet at
    school; did the homework with a slate; skipped lessons and flew a kite
father      | mother      | caring; devoted; tired |
    tucked the children into bed; fed the baby with a spoon; rocked the cradle by the hearth; told the children a
    bedtime story; scolded the children for the noise; was proud of the baby
son         | daughter    | eldest; obedient; spoiled |
    obeyed both parents; sent letters to the parents; was the eldest of five children; left the parents and went
    abroad; would inherit the farm; helped the parents in the shop
brother     | sister      | teasing; squabbling; twin |
    shared a bedroom with the twin; quarrelled with the siblings about a toy; was the [middle|second] of the
    siblings; borrowed a bicycle from the twin; shared secrets with the siblings
uncle       | aunt        | eccentric; generous; visiting |
    visited the nephews and nieces at Christmas; brought presents for the cousins; spoiled the cousins with sweets;
    had an odd parlour full of clocks; sent postcards to the cousins
nephew      | niece       | orphaned; favourite; distant |
    stayed with relatives in the holidays; was adopted by relatives; received a legacy from relatives; thanked the
    relatives for the parcel; was left the legacy in the will
husband     | wife        | faithful; jealous; tender |
    kept the wedding anniversary; signed the marriage register; wore a plain wedding ring; quarrelled about the
    dowry; was happy in marriage; promised to be faithful in marriage
grandfather | grandmother | wrinkled; aged; toothless |
    dozed in the rocking chair; told tales of bygone days to the grandchildren; looked for the spectacles on the
    shelf; darned socks for the grandchildren; leaned upon a walking stick; remembered the great war
actor       | actress     | famous; applauded; theatrical |
    bowed upon the stage; learned the lines of the play; rehearsed [a|the] comedy at the theatre; played [a|the]
    tragic part in the drama; waited behind the curtain of the theatre; pleased the audience
waiter      | waitress    | polite; hurried; aproned |
    carried the tray to the table; served the soup at the restaurant; noted down the orders of the diners; brought
    the bill and the menu; pocketed the tip from the diners
hero        | heroine     | brave; fearless; legendary |
    saved the town from the giant; was praised in ballads and legends; won a medal for courage; defied the villain
    in the last chapter; rescued the captives from the giant
wizard      | witch       | cunning; magical; warty |
    stirred the bubbling cauldron; waved the magic wand; brewed a [green|magic] potion; muttered a curse over the
    cauldron; turned a rival into a toad by magic; read the book of spells
monk        | nun         | pious; silent; cloistered |
    prayed in the cloister; chanted psalms in the abbey; rang the abbey bell for vespers; fasted and prayed; copied
    the holy manuscript in the abbey; took vows of poverty
groom       | bride       | nervous; blushing; happy |
    stood before the altar; kissed at the altar; cut the wedding cake; stepped up the aisle; opened the ball of the
    wedding; gave the vows before the altar
host        | hostess     | cheerful; hospitable; gracious |
    welcomed the guests at the door; poured wine for the visitors; filled the glasses at the party; arranged the
    seats for the party; invited the guests to a supper party
""")
)

COUNTRIES = tuple(
    Country(country, capital, nationality, choices(sights), choices(goods), choices(people))
    for country, capital, nationality, sights, goods, people in rows("""
France      | Paris      | French     | the Seine; Normandy; Provence           | champagne; croissants; perfume |
    Pierre; Colette
Italy       | Rome       | Italian    | the Tiber; Tuscany; Sicily              | spaghetti; opera; marble |
    Giovanni; Lucia
Germany     | Berlin     | German     | the Rhine; Bavaria; Saxony              | sausages; pretzels; clocks |
    Heinrich; Gretchen
Spain       | Madrid     | Spanish    | the Ebro; Andalusia; Castile            | paella; guitars; sherry |
    Diego; Carmen
England     | London     | English    | the Thames; Yorkshire; Kent             | tea; cricket; umbrellas |
    Oliver; Beatrice
Russia      | Moscow     | Russian    | the Volga; Siberia; the Urals               | caviar; vodka; furs |
    Boris; Natasha
Greece      | Athens     | Greek      | the Aegean; Crete; Olympus              | olives; ouzo; amphorae |
    Dimitri; Eleni
Portugal    | Lisbon     | Portuguese | the Tagus; the Algarve; Madeira             | port; sardines; cork |
    Vasco; Inês
Austria     | Vienna     | Austrian   | the Danube; the Tyrol; Salzburg             | waltzes; strudel; schnitzel |
    Wolfgang; Liesl
Poland      | Warsaw     | Polish     | the Vistula; Silesia; Pomerania         | dumplings; amber; rye |
    Kazimierz; Jadwiga
Hungary     | Budapest   | Hungarian  | Balaton; Tokaj; the Puszta              | goulash; paprika; violins |
    Miklós; Ilona
Japan       | Tokyo      | Japanese   | Fuji; Hokkaido; Kyushu              | sushi; silk; kimonos |
    Hiroshi; Sakura
China       | Beijing    | Chinese    | the Yangtze; Manchuria; Sichuan         | porcelain; noodles; fireworks |
    Wei; Mei
India       | Delhi      | Indian     | the Ganges; Bengal; the Punjab              | curry; saris; pepper |
    Arjun; Lakshmi
Egypt       | Cairo      | Egyptian   | the Nile; the Sinai; Luxor                  | papyrus; cotton; dates |
    Omar; Fatima
Turkey      | Ankara     | Turkish    | the Bosporus; Anatolia; Cappadocia      | carpets; shawarma; baklava |
    Mehmet; Aylin
Sweden      | Stockholm  | Swedish    | Lapland; Gotland; Uppsala           | herring; matches; meatballs |
    Sven; Astrid
Norway      | Oslo       | Norwegian  | Telemark; Lofoten; Bergen           | salmon; skis; sledges |
    Olaf; Solveig
Denmark     | Copenhagen | Danish     | Jutland; Zealand; Aarhus            | bacon; windmills; pastries |
    Niels; Karen
Finland     | Helsinki   | Finnish    | Karelia; Saimaa; Turku              | saunas; birchwood; blueberries |
    Aino; Väinö
the Netherlands | Amsterdam  | Dutch      | the Zuiderzee; Friesland; Utrecht       | tulips; clogs; gouda |
    Jan; Saskia
Belgium     | Brussels   | Belgian    | Flanders; the Ardennes; the Meuse           | chocolate; waffles; lace |
    Maarten; Godelieve
Switzerland | Bern       | Swiss      | the Alps; the Jura; the Valais                  | watches; fondue; cowbells |
    Urs; Heidi
Ireland     | Dublin     | Irish      | the Liffey; Connemara; Kerry            | whiskey; harps; peat |
    Patrick; Brigid
Scotland    | Edinburgh  | Scottish   | the Highlands; Skye; Lothian            | bagpipes; kilts; haggis |
    Hamish; Fiona
Cuba        | Havana     | Cuban      | the Caribbean; Matanzas; Trinidad       | cigars; rum; molasses |
    Fidelio; Yolanda
Canada      | Ottawa     | Canadian   | the Yukon; Ontario; Manitoba            | maple; canoes; hockey |
    Gordon; Evangeline
Peru        | Lima       | Peruvian   | the Andes; Titicaca; Cusco              | llamas; ponchos; quinoa |
    Tupac; Rosario
Kenya       | Nairobi    | Kenyan     | Mombasa; Turkana; the Savanna           | coffee; safaris; drums |
    Jomo; Wanjiru
Iran        | Tehran     | Iranian    | Isfahan; the Caspian; Shiraz            | saffron; pistachios; rosewater |
    Darius; Shirin
""")
)

ANIMALS = tuple(
    Animal(adult, adults, young, youngs, choices(home), choices(food), choices(habits))
    for adult, adults, young, youngs, home, food, habits in rows("""
cat      | cats      | kitten   | kittens   | cushion; windowsill      | kippers; cream |
    purred; mewed; licked a paw; scratched the cushion
dog      | dogs      | puppy    | puppies   | kennel; doormat          | bones; biscuits |
    barked; growled; wagged a tail; buried the bones
cow      | cows      | calf     | calves    | pasture; byre            | clover; hay |
    mooed; chewed the cud; grazed on clover
horse    | horses    | foal     | foals     | stable; paddock          | oats; sugar |
    neighed; galloped; whinnied in the stable
sheep    | sheep     | lamb     | lambs     | hillside; fold           | thistles; turf |
    bleated; was shorn for wool; wandered on the hillside
pig      | pigs      | piglet   | piglets   | sty; mud                 | swill; acorns |
    grunted; squealed; rolled in the mud
goat     | goats     | kid      | kids      | crag; ledge              | brambles; bark |
    butted the gate; scaled the crag; chewed the brambles
hen      | hens      | chick    | chicks    | coop; perch              | grain; grit |
    clucked; pecked at grain; scratched by the coop
duck     | ducks     | duckling | ducklings | pond; reeds              | duckweed; snails |
    quacked; paddled on the pond; dabbled in the reeds
goose    | geese     | gosling  | goslings  | common; dyke             | barley; chaff |
    honked; hissed at strangers; flapped across the common
swan     | swans     | cygnet   | cygnets   | lake; weir               | pondweed; eelgrass |
    glided on the lake; preened white feathers; drifted by the weir
bear     | bears     | cub      | cubs      | den; cavern              | honey; berries |
    growled from the den; raided the honey; slept all winter
deer     | deer      | fawn     | fawns     | glade; thicket           | leaves; saplings |
    leaped through the glade; shed antlers; vanished in the thicket
hare     | hares     | leveret  | leverets  | stubble; furrow          | turnips; carrots |
    bounded over the stubble; boxed in the furrow; nibbled the turnips
frog     | frogs     | tadpole  | tadpoles  | marsh; ditch             | flies; midges |
    croaked; hopped into the ditch; swallowed the midges
eagle    | eagles    | eaglet   | eaglets   | eyrie; summit            | rabbits; vipers |
    soared above the summit; screamed from the eyrie; seized the vipers
owl      | owls      | owlet    | owlets    | belfry; hollow           | voles; moths |
    hooted; blinked in the belfry; hunted the voles by night
wolf     | wolves    | whelp    | whelps    | lair; tundra             | carrion; elk |
    howled; prowled around the lair; followed the elk
kangaroo | kangaroos | joey     | joeys     | outback; scrub           | spinifex; gum |
    hopped through the outback; boxed in the scrub; thumped a tail
bird     | birds     |          |           | nest; hedge              | worms; seeds |
    chirped; twittered; pecked at the seeds
fish     | fishes    |          |           | river; brook             | bait; algae |
    swam in the brook; leaped at the bait; gleamed in the river
chicken  | chickens  |          |           | henhouse; straw          | corn; crumbs |
    cackled; laid eggs in the straw; scratched for corn
donkey   | donkeys   |          |           | shed; lane               | chaff; burdocks |
    brayed; kicked in the shed; carried the sacks
mouse    | mice      |          |           | pantry; skirting         | cheese; rinds |
    squeaked; gnawed the rinds; fled into the pantry
""")
)

FRUIT = tuple(
    Fruit(one, many, choices(looks), choices(uses))
    for one, many, looks, uses in rows("""
apple      | apples       | crisp; rosy; russet             | cider; crumble; dumplings
banana     | bananas      | curved; speckled; creamy        | milkshake; smoothie; porridge
pear       | pears        | buttery; freckled; bell-shaped  | perry; compote; liqueur
plum       | plums        | dusky; bluish; oval             | pudding; brandy; slivovitz
cherry     | cherries     | glossy; paired; shiny           | kirsch; garnish; clafoutis
peach      | peaches      | velvety; downy; dimpled         | sundae; sherbet; melba
lemon      | lemons       | sour; tart; waxy                | lemonade; zest; marinade
grape      | grapes       | clustered; seedless; plump      | raisins; wine; must
strawberry | strawberries | heart-shaped; fragrant; dainty  | shortcake; punnet; mousse
apricot    | apricots     | blushing; sunlit; leathery      | nectar; kernels; glaze
fig        | figs         | seedy; sugary; wrinkly          | paste; tagine; biscuits
melon      | melons       | striped; dripping; netted       | slush; sorbet; carpaccio
mango      | mangoes      | tropical; fibrous; kidney-shaped | chutney; lassi; salsa
raspberry  | raspberries  | fragile; thorny; crimson        | vinegar; trifle; coulis
pineapple  | pineapples   | spiky; prickly; scaly           | rings; fritters; kebab
""")
)

FOODS = tuple(
    Food(name, choices(looks), choices(making))
    for name, looks, making in rows("""
bread   | crusty; brown; stale       | kneaded for an hour; shaped into loaves
butter  | salted; yellowish          | churned in the dairy; spread on toast
cheese  | mouldy; mature             | pressed into wheels; aged in the cellar
soup    | thick; steaming            | ladled from the pot; thickened with peas
milk    | fresh; frothy              | poured from the jug; skimmed in the dairy
honey   | sticky; runny     | taken from the hive; spooned from a comb
jam     | spreadable; sticky          | boiled with sugar; sealed in pots
pie     | flaky; bubbling            | covered with pastry; browned in a dish
porridge | lumpy; grey               | stirred with a spoon; made of oatmeal
stew    | peppery; hearty             | simmered for hours; thickened with barley
rice    | fluffy; steamed            | boiled in salted water; grown in paddies
cake    | iced; spongy               | decorated with candles; sliced at the party
""")
)

OCCUPATIONS = tuple(
    Occupation(one, many, choices(tools), choices(deeds))
    for one, many, tools, deeds in rows("""
baker      | bakers      | oven; flour; yeast           | iced the buns; sifted the flour; heated the oven
farmer     | farmers     | plough; tractor; harrow      | mowed the barley; ploughed the acre; sowed the wheat
fisherman  | fishermen   | nets; trawler; hooks         | hauled the nets; landed the cod; gutted the cod
carpenter  | carpenters  | saw; chisel; timber |
    planed the boards; nailed the beams; sanded the boards
blacksmith | blacksmiths | anvil; forge; bellows        | shod the mares; hammered the iron; lit the forge
tailor     | tailors     | needle; thread; scissors |
    stitched the lining; measured the sleeves; hemmed the trousers
doctor     | doctors     | medicine; stethoscope; pills |
    cured the fever; bandaged the wound; examined the patient
teacher    | teachers    | chalk; blackboard; textbook |
    drilled the pupils in grammar; marked the exercises; rang for lessons
soldier    | soldiers    | rifle; bayonet; helmet |
    fired at the enemy; dug the trenches; defended the ramparts
sailor     | sailors     | anchor; mast; rigging |
    hoisted the sail; scrubbed the deck; steered the schooner
painter    | painters    | brush; canvas; easel |
    sketched the portrait; mixed the pigments; primed the canvas
musician   | musicians   | fiddle; flute; trumpet |
    tuned the fiddle; played the sonata; practised the scales
judge      | judges      | gavel; court; wig |
    sentenced the thief; heard the witness; adjourned the court
lawyer     | lawyers     | contract; clause; briefcase |
    argued the lawsuit; drafted the contract; advised the client
gardener   | gardeners   | rake; spade; wheelbarrow |
    pruned the shrubs; weeded the borders; watered the seedlings
chef       | chefs       | ladle; saucepan; kitchen |
    salted the broth; roasted the joint; seasoned the gravy
miller     | millers     | millstone; sacks; millrace |
    ground the wheat; filled the sacks; greased the millstone
shepherd   | shepherds   | crook; fleece; whistle |
    counted the ewes; guarded the fleece; penned the rams
potter     | potters     | clay; kiln; wheel            | moulded the clay; fired the kiln; glazed the urns
printer    | printers    | ink; typeface; press |
    inked the rollers; bound the pamphlets; set the typeface
""")
)

QUALITIES = tuple(
    Quality(plain, comparative, superlative, choices(things))
    for plain, comparative, superlative, things in rows("""
big    | bigger    | biggest    | barn; elephant; warehouse
small  | smaller   | smallest   | button; pebble; thimble
tall   | taller    | tallest    | steeple; poplar; chimney
short  | shorter   | shortest   | speech; pencil; letter
long   | longer    | longest    | rope; tunnel; caravan
old    | older     | oldest     | oak; ruin; parchment
young  | younger   | youngest   | recruit; novice; student
warm   | warmer    | warmest    | blanket; bath; coat
cold   | colder    | coldest    | wind; glacier; cellar
fast   | faster    | fastest    | train; racer; arrow
slow   | slower    | slowest    | snail; tortoise; barge
strong | stronger  | strongest  | wrestler; ox; boxer
weak   | weaker    | weakest    | invalid; twig; pulse
rich   | richer    | richest    | banker; moneylender; miser
poor   | poorer    | poorest    | beggar; tramp; widow
loud   | louder    | loudest    | thunder; cannon; gong
quiet  | quieter   | quietest   | library; graveyard; whisper
deep   | deeper    | deepest    | gorge; pit; mine
high   | higher    | highest    | cliff; plateau; balcony
low    | lower     | lowest     | stool; shelf; bench
bright | brighter  | brightest  | lamp; star; beacon
dark   | darker    | darkest    | corridor; dungeon; alley
sweet  | sweeter   | sweetest   | syrup; caramel; melody
heavy  | heavier   | heaviest   | boulder; trunk; hammer
cheap  | cheaper   | cheapest   | ticket; trinket; lodging
clean  | cleaner   | cleanest   | linen; towel; collar
""")
)

DEEDS = tuple(
    Deed(plain, past, participle, choices(objects))
    for plain, past, participle, objects in rows("""
bake    | baked    | baking    | gingerbread; muffins; tarts
sing    | sang     | singing   | hymns; carols; a lullaby
write   | wrote    | writing   | verses; a novel; an essay
hide    | hid      | hiding    | a treasure; the evidence; a key
paint   | painted  | painting  | a mural; the ceiling; the shutters
build   | built    | building  | a raft; a dam; scaffolding
swim    | swam     | swimming  | across the bay; in the lagoon; against the tide
walk    | walked   | walking   | along the footpath; on the promenade; on stilts
run     | ran      | running   | a race; a marathon; down the track
ride    | rode     | riding    | a pony; a bicycle; in the saddle
cook    | cooked   | cooking   | lentils; a casserole; vegetables
dance   | danced   | dancing   | a tango; a polka; a jig
drink   | drank    | drinking  | beer; cocoa; a pint
eat     | ate      | eating    | dessert; sandwiches; an omelette
throw   | threw    | throwing  | a discus; pebbles; a javelin
catch   | caught   | catching  | a trout; butterflies; a cold
sell    | sold     | selling   | shares; furniture; insurance
buy     | bought   | buying    | groceries; souvenirs; a lottery ticket
speak   | spoke    | speaking  | Latin; in riddles; through a megaphone
teach   | taught   | teaching  | algebra; geometry; chess
draw    | drew     | drawing   | a sketch; a circle; cartoons
sew     | sewed    | sewing    | a quilt; curtains; a patch
climb   | climbed  | climbing  | a precipice; a mountain; a trellis
plant   | planted  | planting  | saplings; bulbs; potatoes
wash    | washed   | washing   | the dishes; the laundry; a muddy floor
mend    | mended   | mending   | a puncture; the gutter; broken chairs
""")
)

COLOURS = tuple(
    Colour(name, choices(things))
    for name, things in rows("""
red    | poppies; bricks; rubies
blue   | cornflowers; sapphires; delphiniums
green  | ferns; emeralds; mosses
yellow | buttercups; daffodils; canaries
pink   | peonies; flamingos; carnations
purple | violets; heather; amethysts
orange | marigolds; pumpkins; tangerines
white  | snowdrops; lilies; pearls
black  | ravens; coals; beetles
brown  | chestnuts; toadstools; wrens
grey   | slates; herons; cobblestones
violet | irises; lavender; crocuses
scarlet | hollyhocks; tunics; geraniums
golden | sunflowers; wheatfields; sovereigns
""")
)

MONTHS = tuple(
    (month, season)
    for season, months in (
        ("winter", ("December", "January", "February")),
        ("spring", ("March", "April", "May")),
        ("summer", ("June", "July", "August")),
        ("autumn", ("September", "October", "November")),
    )
    for month in months
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

NUMBERS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty",
)  # fmt: skip
