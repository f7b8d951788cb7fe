"""Words the rules go by: what is a trade, what a belief, what is nobody's name. Data."""

import re

from everkin.memory.extraction.english.word_lists import listed

TRADES = listed(
    "nurse midwife chef cook vet doctor surgeon dentist plumber electrician carpenter joiner roofer builder "
    "mechanic postman postwoman cleaner barista waiter waitress bartender baker butcher farmer fisherman gardener "
    "florist potter sculptor artist painter writer author poet journalist editor translator interpreter teacher "
    "headteacher lecturer professor tutor librarian archivist curator accountant bookkeeper banker lawyer "
    "solicitor barrister paralegal judge clerk secretary receptionist manager supervisor producer director "
    "engineer developer dev programmer designer architect analyst scientist researcher biologist chemist "
    "physicist technician pilot driver trucker courier sailor captain soldier officer firefighter paramedic "
    "policeman policewoman detective guard cashier retailer salesman saleswoman seller shopkeeper hairdresser "
    "barber stylist therapist psychologist psychiatrist counsellor counselor physiotherapist pharmacist optician "
    "radiographer carer caregiver nanny childminder priest vicar minister pastor imam rabbi monk nun musician "
    "singer drummer guitarist actor actress comedian dancer model photographer filmmaker animator illustrator "
    "intern apprentice trainee consultant contractor freelancer freelance recruiter marketer telemarketer "
    "administrator admin assistant attendant steward stewardess teller broker agent realtor surveyor planner "
    "tailor seamstress jeweller jeweler blacksmith welder machinist operator labourer laborer janitor caretaker "
    "warden ranger zookeeper beekeeper winemaker brewer bricklayer plasterer geologist astronomer mathematician "
    "statistician economist historian linguist student pensioner coach instructor referee athlete footballer "
    "streamer youtuber sysadmin tester lead principal dean executive founder ceo cto entrepreneur landlord "
    "stuntwoman stuntman undertaker optometrist chiropractor dietician dietitian nutritionist phlebotomist "
    "sonographer dispatcher mover packer picker glazier decorator locksmith upholsterer cobbler milliner "
    "conductor composer producer dj worker hygienist housekeeper maid porter bouncer croupier lifeguard miner "
    "logger trapper shepherd rower cyclist jockey groom farrier sommelier maths"
)
_NOT_TRADES = listed(
    "unicorn dragon monster robot toaster knight king queen prince princess wizard witch vampire pirate ghost "
    "goblin sith jedi superhero millionaire billionaire"
)

BELIEFS = re.compile(
    r"(?:a |an )?(?:devout |practising |practicing |lapsed |strict )?(muslim|christian|catholic|protestant|jewish|hindu|buddhist|sikh|"
    r"atheist|agnostic|quaker|mormon|pagan|baptist|methodist|orthodox|jain|humanist|anglican)\b(?! minister)",
    re.I,
)
NATIONS = re.compile(
    r"(?:originally |half |part |actually )?((?:[A-Z]\w+(?:ish|ese|ian|ean|can|ilian|wegian|gian)|Greek|French|German|Dutch|Irish|Welsh|Czech|Thai|Swiss|"
    r"Iraqi|Israeli|Pakistani|Filipino|Filipina|Kiwi|Aussie|Scottish|Canadian|American|Italian|Mexican|Cuban|African)(?:[- ]American)?)$"
)
NO_NAMES = listed(
    "captain lady sir lord christmas easter monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december pisces aries taurus gemini "
    "cancer leo virgo libra scorpio sagittarius capricorn aquarius english british ok okay god jesus dad mum mom "
    "i the a an back home fine good sorry not so just very really here there done sure ready happy sad tired "
    "single married divorced engaged free vegan vegetarian muslim jewish christian in on at from with going "
    "trying still all too also well gay straight bi trans he she they it we you my your its nothing nobody no yes "
    "nope maybe none never adhd autistic"
)
LANGUAGES = (
    "English|French|German|Spanish|Catalan|Italian|Portuguese|Polish|Russian|Ukrainian|Czech|Dutch|Swedish|Norwegian|Danish|Finnish|"
    "Arabic|Hebrew|Turkish|Persian|Farsi|Hindi|Urdu|Punjabi|Bengali|Tamil|Telugu|Mandarin|Cantonese|Chinese|Japanese|Korean|"
    "Vietnamese|Thai|Tagalog|Indonesian|Malay|Swahili|Yoruba|Igbo|Hausa|Zulu|Afrikaans|Greek|Hungarian|Romanian|Bulgarian|Serbian|"
    "Croatian|Slovak|Slovene|Lithuanian|Latvian|Estonian|Welsh|Irish|Gaelic|Scots|Basque|Galician|Icelandic|Latin|BSL|ASL|Esperanto"
)
ILLNESSES = (
    r"(?:type (?:1|2|one|two) )?diabetes|diabetic|asthma(?:tic)?|adhd|add|autis(?:m|tic)|ocd|ptsd|anxiety|depression|bipolar|epilep(?:sy|tic)|"
    r"migraines?|arthritis|cancer|coeliac|celiac|ibs|crohn['’]?s|eczema|psoriasis|insomnia|tinnitus|dyslexi[ac]|dyspraxi[ac]|"
    r"parkinson['’]?s|ms|lupus|endometriosis|pcos|fibromyalgia|scoliosis|gluten[- ]intoleran(?:t|ce)|lactose[- ]intoleran(?:t|ce)|colou?r[- ]?blind|"
    r"deaf|blind|hiv|high blood pressure|hay ?fever|vertigo|chronic \w+|narcolepsy|sciatica|gout"
)


_PLACED = re.compile(r" (?:at|in|for|with|on|from|of|by|near) ")
_SIGNS = re.compile(r"[^\w]")
_BY_ENDING = re.compile(r"\w{4,}(?:ologist|ographer|keeper|smith|monger|worker|maker|therapist)")


def is_trade(phrase: str) -> bool:
    """Whether "a ... X" names an occupation: by its last word before a place, or by `-ist`, `-ologist`, `-er at`."""
    words = _PLACED.split(phrase.strip().lower())[0].split()
    if not words or len(words) > 5 or _NOT_TRADES & set(words):
        return False
    last = _SIGNS.sub("", words[-1])
    return last in TRADES or _BY_ENDING.fullmatch(last) is not None


def is_name(word: str) -> bool:
    return word.lower() not in NO_NAMES and not BELIEFS.fullmatch(word) and not NATIONS.fullmatch(word)
