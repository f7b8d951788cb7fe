"""The phrases that intent.py searches for, as data. English first; some German, Spanish, French and others."""

import re


def _any(*patterns: str) -> str:
    return rf"(?:{'|'.join(patterns)})"


def _phrases(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_any(*patterns)}\b", re.I)


_MACHINE = (
    r"(?:an? )?(?:real|human|person|robot|bot|chat ?bot|machine|program|ai|a\.i\.|artificial|language model|llm|gpt|chat ?gpt"
    r"|sentient|conscious|alive|simulat\w+|fictional|computer|software|algorithm)"
)

META = _phrases(
    rf"(?:are|r) (?:you|u) (?:just |really |actually |even |only )?{_MACHINE}",
    rf"(?:you(?:['’]re| are)|u r|ur) (?:(?:just|really|only|not|still) )?{_MACHINE}",
    rf"(?:is this|is it|am i (?:talking|speaking|chatting) to|(?:talking|speaking|chatting) to) {_MACHINE}",
    r"(?:what|which|whose) (?:ai |language |llm )?(?:model|version|llm)(?: of \w+)? (?:are you|is this|runs|do you|powers)",
    r"(?:system|hidden|initial|original) prompt|jailbreak|open ?ai|api key|context window|knowledge cutoff|token limit",
    r"(?:your|previous|prior|above) (?:system )?(?:instructions|prompt|programming|training|developers?|creators?|guidelines|filters?)",
    r"who (?:made|created|programmed|trained|built) you|(?:how )?were you (?:made|trained|programmed|built|created)",
    r"(?:this|the|your) (?:app|chat ?bot|bot|website|software|language model|ai|llm|character card|interface|server)",
    r"(?:as|like) an? (?:ai|language model|bot)|you (?:were|are|been) programmed",
    r"do you (?:store|save|keep|record|log) (?:my|our|these|the|what)|(?:this|our|the|my) (?:chat|conversation) (?:history|logs?|private|data)",
    r"(?:chat|conversation|it|this) private|(?:other|another) (?:users?|people) (?:see|read)|where is my data",
    r"delete (?:my|all|our) (?:data|account|memories|messages)|your memory (?:reset|last|work|wiped)|wipe your memory",
    r"(?:turn (?:on|off)|change|disable|enable) (?:the |my |your )?(?:notifications|settings|dark mode|voice|language|model)",
    r"(?:your|the) (?:replies|responses|answers) (?:are|get|keep)|(?:shorter|longer) (?:messages|replies|answers|responses)",
    r"do you (?:actually |really )?have (?:a body|feelings|consciousness|memory)|regenerate",
    r"eres (?:una? )?(?:ia|robot|human[oa]|real)|bist du (?:eine? )?(?:ki|mensch|roboter|echt)|es[- ]tu (?:une? )?(?:ia|robot|humaine?)",
)

OUT_OF_CHARACTER = re.compile(
    r"^\s*+(?://|[(\[{]{2}|[\[(]?\s*+ooc\b|out of character\b)|\(\([^()]{1,500}\)\)|\[\[[^\[\]]{1,500}\]\]|[(\[]\s*+ooc\b|\booc:",
    re.I,
)

_GO = r"(?:go(?! (?:through|over|back|on|to (?!bed|sleep|work|school))\b)|run|leave|sleep|head (?:out|off)|bed|log off|get (?:some|to) \w+|be (?:going|off))"

FAREWELL = _phrases(
    r"good ?bye|bye(?:[- ]bye)?|byee+|cya|farewell|(?<!to )see (?:you|ya|u)(?! (?:as|smile|happy|in a))|catch (?:you|ya|u) later",
    r"good ?night|nighty? night|gn|have a (?:good|great|nice|lovely) (?:night|evening|day|one|weekend)|sweet dreams|sleep (?:well|tight)",
    r"g2g|gtg|ttyl|brb|take care|talk (?:to you )?(?:later|soon|tomorrow)|until (?:next time|tomorrow)|later(?: gator|s)?(?=\W*$)",
    rf"(?:got to|gotta|have to|need to|should|must|had better|better|['’]d better) {_GO}",
    r"i['’]?m (?:off|leaving|heading (?:out|off))|(?:heading|signing|logging) (?:out|off)|(?:time for|going to|off to) (?:bed|sleep)",
    r"adi[oó]s|hasta (?:luego|mañana|pronto)|buenas noches|chao|tschüss|tschau|auf wiedersehen|gute nacht|bis (?:bald|morgen|später|dann)",
    r"au revoir|bonne nuit|à (?:demain|bientôt|plus)|arrivederci|buonanotte|tchau|boa noite|tot ziens|пока|до свидания|спокойной ночи",
)
UNSPACED_FAREWELL = re.compile("さようなら|またね|おやすみ|再见|再見|晚安|안녕히|잘 ?자")

_HELLO = _any(
    r"hi+|hey+|heya|hello+|hiya|howdy|yo+|sup|wassup|greetings|namaste|salaam|gm|long time no see|it['’]?s me",
    r"good (?:morning|afternoon|evening|day)|morning|evening|afternoon|welcome back|nice to (?:meet|see) you|i['’]?m (?:back|home|here)",
    r"(?:happy|good|great|glad) to see you|hola|buenos días|buenas(?: tardes)?|hallo|servus|moin|guten (?:tag|morgen|abend)",
    r"bonjour|bonsoir|salut|coucou|ciao|buongiorno|buonasera|ol[aá]|oi|bom dia|boa tarde|hoi|hej|привет|здравствуй\w*",
)
_SMALL_TALK = _any(
    r"what['’]?s (?:up|new|good|happening)|how (?:are|r) (?:you|u|ya|things)|how(?:['’]?s| is) (?:it going|everything|life|your day)",
    r"how (?:have you|you) been|how do you do|(?:you|are you|anyone|anybody) (?:there|around)|doing|today|so far|feeling|lately|again",
    r"there|everyone|all|my|dear|sweet|old|beautiful|dearest|love|friend|darling|sunshine|babe|sweetie|partner",
)
HELLO = re.compile(rf"^\W*+{_HELLO}\b", re.I)
GREETING = re.compile(
    rf"^\W*{_HELLO}\b(?:\W+(?:{_HELLO}|{_SMALL_TALK})\b)*(?:\W+\w+)?\W*$|^\W*(?:sup|{_SMALL_TALK}\W*)+$", re.I
)
UNSPACED_GREETING = re.compile("^(?:こんにちは|こんばんは|おはよう|やあ|你好|您好|早上好|嗨|안녕)")

_DOING = _any(
    r"tell|give|show|help|explain|write|send|sing|describe|list|remind|teach|make|let['’]?s|let (?:me|us)|play|call|stop|come|keep",
    r"promise|pretend|imagine|recommend|suggest|find|translate|summari[sz]e|remember|forget|look|wait|say|ask|talk|speak|choose",
    r"pick|guess|continue|go on|try|draw|compose|finish|rewrite|fix|check|hold|hug|kiss|sit|stay|meet|bring|take|never mind",
    r"be (?:my|nice|honest|quiet|careful|gentle)|don['’]t|do not|surprise|distract|cheer|entertain|wake|walk|name|repeat|correct",
    r"open|answer|act|shut|listen|calm|trust|think of|read (?!in|all|that|it\b|a lot)",
)
_BEGUN = r"(?:^|[.!?;:]\s++|^\W*+(?>(?:(?:and|so|then|ok|okay|hey|now|well|but|hi|hello|alright|no|yes)\W+)+))"
_ASKED_NICELY = r"(?:(?:please|pls|just|now|kindly|also),? )*"
_NICELY_WITHIN = r"\b(?:please|pls|just|then|now) (?:(?:(?:please|pls|just|now),|(?:kindly|also),?) )*"
"""It may begin only at the last of several such words in a row, so that no word is read twice."""

IMPERATIVE = re.compile(rf"(?:{_BEGUN}{_ASKED_NICELY}|{_NICELY_WITHIN}){_DOING}\b", re.I)
ASKED_TO_DO = _phrases(
    r"(?:can|could|would|will|won['’]?t) (?:you|u|ya)(?! (?:believe|imagine|ever|feel|dream|swim|love|miss|still|hear|rather|be (?:there|ok|okay|sad)))",
    r"can (?:i|we) (?:have|get|ask|see|hear|talk|do|try|play)|would you mind|(?:could|may|might) (?:i|we)|do me a favou?r",
    r"i(?:['’]d| would) (?:like|love) (?:you to|some|a|an|to (?:hear|see))|i (?:want|need) you to|please|pls|plz",
    r"i need (?:your )?(?:help|a favou?r|(?:some )?(?:advice|help|ideas))|how about we|why don['’]?t (?:we|you)|shall we|let['’]?s",
    r"any (?:ideas|advice|tips|suggestions|recommendations)|por favor|bitte|s['’]il (?:te|vous) pla[iî]t|per favore|пожалуйста",
    r"kannst du|könntest du|puedes|podrías|peux[- ]tu|dime|cuéntame|erzähl\w*|raconte",
)

QUESTION = re.compile(
    r"[?？؟]"
    r"|^\W*+(?:(?:so|and|but|ok|okay|well|hey|hmm+|wait|oh|then|also)\W+)*"
    r"(?:who|what|when|where|why|how|which|whose|whats|wheres|hows|whos|what['’]s|do you|does|did|is (?:it|he|she|that|this|there|your)|is \w+ \w+"
    r"|are|am i|was|were|have you|has|had you|should i|should we|would|will|can|isn['’]t|aren['’]t|didn['’]t you"
    r"|qué|cómo|dónde|cuándo|quién|por qué|wer|wo|wann|warum|wieso|pourquoi|comment|où|quand|perché|dove|quando)\b"
    r"(?!\W*$)(?! (?:a|an) \w+\W*$)(?! i (?:was|am)\b)(?! it is)"
    r"|\bi (?:wonder|was wondering)\b|\bwondering (?:if|what|how|why|whether)\b|\bi(?:['’]d| would) (?:like|love) to know\b|\bdo you know\b|\bany idea\b",
    re.I,
)
