"""Topics of a text: some twenty, found by their English words (pure).

A word counts in its plain form and with the usual endings; two words together ("in love", "night shift") take
precedence over either word alone.
"""

import re
from collections import Counter
from functools import cache

READ_CHARS = 4000
"""Characters of a text that are read."""

_WORDS = {
    "work": "work job boss colleague coworker office career shift salary promotion interview meeting deadline manager "
    "client employer resume overtime night_shift quit_my fired hired business startup project",
    "family": "family mum mom mother dad father parent brother sister son daughter grandma grandpa grandmother "
    "grandfather aunt uncle cousin niece nephew sibling baby kid child children toddler in_laws twins",
    "friends": "friend friendship buddy mate roommate flatmate best_friend neighbour neighbor hang_out hanging_out",
    "love": "boyfriend girlfriend husband wife partner fiancé fiancee dating romance romantic wedding marriage married "
    "engaged divorce divorced breakup crush anniversary valentine in_love broke_up first_date my_ex",
    "music": "music song band guitar piano violin drum concert album singer singing sing melody choir playlist lyric "
    "orchestra jazz opera festival vinyl",
    "food": "food cook recipe dinner lunch breakfast eat restaurant pizza pasta cake bake bread coffee tea soup vegan "
    "vegetarian cheese chocolate delicious kitchen meal curry sushi snack dessert hungry",
    "travel": "travel trip holiday vacation flight airport hotel beach abroad passport train journey tourist "
    "backpacking cruise sightseeing itinerary luggage suitcase road_trip",
    "health": "health doctor hospital sick ill illness medicine surgery pain headache migraine therapy therapist diet "
    "allergy allergic asthma diabetes anxiety depression insomnia flu fever injury dentist pregnant diagnosis",
    "sport": "sport football soccer basketball tennis running gym workout swimming cycling marathon yoga climbing "
    "hiking hike skiing training team coach league boxing exercise rugby cricket baseball hockey",
    "games": "game gaming videogame console playstation xbox nintendo minecraft chess boardgame rpg quest puzzle "
    "multiplayer dungeon board_game video_game",
    "books": "book novel author library poem poetry chapter bookshop writer literature memoir reading trilogy",
    "films": "film movie cinema series episode actor actress netflix documentary anime director trailer tv sitcom",
    "pets": "pet dog cat puppy kitten hamster rabbit parrot vet goldfish pony guinea_pig leash",
    "weather": "weather rain raining rainy sunny snow snowing storm cloudy heatwave thunder drizzle foggy humid",
    "study": "study school university college exam teacher homework lecture thesis degree student class course essay "
    "professor semester graduate graduation revision",
    "home": "house apartment flat garden moving furniture neighbourhood landlord rent mortgage bedroom renovate "
    "gardening housework chores moved_to new_place",
    "money": "money debt savings loan bank budget invest investment tax expensive afford bills broke_again pension",
    "nature": "nature forest mountain river lake tree flower bird sunset sunrise wildlife ocean sea hill meadow star "
    "moon woods",
    "technology": "technology computer laptop phone software programming code coding python robot internet app gadget "
    "developer server bug debugging algorithm",
    "art": "art paint painting draw drawing sketch gallery museum sculpture photography photo camera knit knitting "
    "crochet sewing pottery craft dance dancing ballet theatre",
    "dreams": "dream dreamt dreamed nightmare wish goal ambition someday bucket_list future",
    "faith": "god church prayer pray religion faith temple mosque spiritual meditation soul afterlife",
    "feelings": "lonely loneliness sad grief grieving afraid scared stressed overwhelmed ashamed jealous heartbroken "
    "hopeless proud grateful nervous worried crying",
}
TOPICS = tuple(_WORDS)

_TOPIC_OF = {word.replace("_", " "): topic for topic, line in _WORDS.items() for word in line.split()}
_WORD = re.compile(r"[^\W\d_]+")
_NOT_ABOUT = re.compile(
    r"\b(?:doesn['’]?t|does|didn['’]?t|don['’]?t|that|it|this|will|would|might|may|to) (?:not )?works?\b(?! (?:at|in|for|as|on|with)\b)"
    r"|\bworks? (?:for|with) (?:me|you|us)\b|\b(?:of course|game on|big deal|in my book|good bye|my god|oh god)\b",
    re.I,
)


def topics_of(text: str, most: int = 3) -> tuple[str, ...]:
    """Return at most `most` topics, the most mentioned first. Deterministic; never raises.

    Ties are in the order of TOPICS.
    """
    found = Counter(_mentions(_NOT_ABOUT.sub(" ", text[:READ_CHARS])))
    return tuple(sorted(found, key=lambda topic: (-found[topic], TOPICS.index(topic)))[:most])


def _mentions(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    found, at = [], 0
    while at < len(words):
        pair = _TOPIC_OF.get(" ".join(words[at : at + 2])) if at + 1 < len(words) else None
        if topic := pair or _stems().get(words[at]):
            found.append(topic)
        at += 2 if pair else 1
    return found


@cache
def _stems() -> dict[str, str]:
    """Return the topic by word, including the usual endings. A listed word takes precedence over a derived form."""
    grown = {
        form: topic for word, topic in _TOPIC_OF.items() if " " not in word and len(word) > 2 for form in _forms(word)
    }
    return grown | _TOPIC_OF


def _forms(word: str) -> set[str]:
    stem = word[:-1] if word.endswith("e") else word
    forms = {word + "s", stem + "ing", stem + "ed"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if word.endswith(("s", "x", "ch", "sh")):
        forms.add(word + "es")
    return forms | {word + word[-1] + "ing", word + word[-1] + "ed"}
