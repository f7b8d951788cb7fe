"""Phrases that change a relationship, as patterns: thanks, apology, insult and so on.

English, with the commonest words of German, Spanish and French. The patterns apply to text addressed to the character;
quoted and reported speech (REPORTED) is removed before matching.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(patterns)})", re.I)


REPORTED = _any(
    r"[\"“”«»„][^\"“”«»„\n]{1,400}[\"“”«»„]",
    r"^>.*$",
    r"\b(?:s?he|they|boss|teacher|mother|mum|mom|dad|father|brother|sister|friend|ex|guy|man|woman|people|someone|somebody"
    r"|everyone|wife|husband|boyfriend|girlfriend|colleague|neighbou?r|i)(?: \w+){0,2} (?:said|says|told|called|yelled|shouted|"
    r"screamed|texted|wrote|goes|calls|was like)\b[^.!?\n]*",
)

LAUGHTER = _any(r"\b(?:a?ha(?:ha)+h?|he(?:he)+|lo+l+|lmf?ao+|rofl|jaja(?:ja)*|hihi)\b", "[😂🤣😆]", r"\bxD+\b")
JOKE = _any(
    r"\b(?:just (?:kidding|joking|teasing)|jk|kidding|only joking|j/k)\b",
    r"\b(?:you['’]?re|that['’]?s|so) (?:so )?(?:funny|hilarious)\b",
)

_SO = r"(?:(?:so|such|very|really|truly|just|nothing but|always|being|a|an|the|bloody|fucking|damn|total|complete|absolute|utterly|kind of|pretty)\s++)*"
_BAD = (
    r"(?:stupid|dumb|idiot\w*|moron\w*|useless|worthless|pathetic|disgusting|ugly|horrible|terrible|awful|ridiculous|liar|loser"
    r"|bitch|whore|slut|cunt|asshole|arsehole|bastard|trash|garbage|creep|freak|jerk|imbecile|annoying|boring|selfish|cruel|fake"
    r"|waste of (?:time|space))"
)
_BE = r"(?:you(?:['’]?re|\s++are|\s++were)|(?:yo)?u\s*+r|ur)"
INSULT = _any(
    rf"\b{_BE}\s++(?!not\b|never\b){_SO}(?:{_BAD})\b(?! at\b)",
    rf"^\W*+(?:you\s++)?{_SO}(?:stupid|dumb|useless|pathetic|fucking)?\s*+(?:idiot|moron|bitch|loser|liar|asshole|arsehole|bastard|cunt|jerk|imbecile|creep)s?\W*$",
    r"\b(?:fuck|screw|damn|curse) (?:you|u)\b|\bfuck off\b|\bpiss off\b|\bgo to hell\b|\bdrop dead\b|\bkill yourself\b",
    r"(?<!don['’]t )(?<!dont )(?<!not )(?<!never )\b(?:i )?(?:hate|despise|loathe) (?:you|u)\b(?! (?:for|so much for) (?:making|being))",
    r"(?<!to )\bshut (?:the \w+ )?up\b|\b(?:you|u) (?:suck|disgust me|make me sick)\b",
    r"\bdu bist (?:so |ein |eine )*(?:dumm|idiot|blöd|scheiße)\w*|\bhalt die (?:klappe|fresse)\b",
    r"\beres (?:un |una |tan )*(?:idiota|estúpid[oa]|tont[oa]|inútil)\b|\bcállate\b|\bte odio\b",
    r"\b(?:tu es|t['’]es) (?:un |une |si |trop )*(?:idiote?|stupide|nule?|conn?e?)\b|\bta gueule\b|\bje te déteste\b",
)
COLDNESS = _any(
    r"\bleave me alone\b|\bgo away\b|\bstop (?:talking|bothering|annoying)\b|\bi don['’]?t (?:like|trust|believe|need) you\b(?! to\b)",
    r"\byou (?:never|don['’]?t(?: even)?) (?:listen|care|understand|remember anything)\b|\byou (?:lied|hurt me|let me down|betrayed)\b",
    r"\bi(?:['’]m| am) (?:so |really |very )*(?:mad|angry|furious|annoyed|disappointed|pissed)(?: off)? (?:at|with|in|by) you\b",
    r"\byou['’]?re no (?:help|use|fun|friend)\b|\bi['’]?m done with you\b|\bthanks for nothing\b",
)

APOLOGY = _any(
    r"(?<!not )(?<!be )(?<!feel )(?<!say )\bsorry\b(?! to (?:hear|say|bother|interrupt)| for (?:your|him|her|them|the (?:delay|wait|late))\b"
    r"| (?:i['’]?m |i am |for being )?late\b| (?:what|who|that you)\b|\s*\?)",
    r"\b(?:i )?apologi[sz]e\b|\bmy apologies\b|\bforgive me\b|\bmy (?:bad|fault)\b|\bi was (?:so |really |very )?(?:wrong|unfair|rude|mean|out of line|a jerk)\b",
    r"\bi (?:didn['’]?t|did not) mean (?:it|that|to (?:hurt|be))\b|\bi shouldn['’]?t have\b|\bi take (?:it|that) back\b",
    r"\bes tut mir leid\b|\btut mir leid\b|\bentschuldige?\b|\bverzeih\b|\blo siento\b|\bperdóname\b|\b(?:je suis )?désolée?\b|\bpardonne[- ]moi\b",
)
THANKS = _any(
    r"(?<!no )\b(?:thank (?:you|u)|thanks|thx|tysm)\b(?! for nothing)",
    r"\bi (?:really |truly |so )?appreciate\b|\bgrateful (?:to|for) you\b",
    r"\bdanke(?:schön)?\b|\bgracias\b|\bmerci\b",
)
AFFECTION = _any(
    r"(?<!n['’]t )(?<!not )(?<!never )\b(?:love|adore|trust|missed|miss|need) (?:you|u|ya)\b(?! (?:to|guys)\b)",
    r"(?<!n['’]t )(?<!not )\b(?:love|like|enjoy)(?:d|s)? (?:talking|chatting|being|spending time|our (?:talks|chats|conversations))\b",
    rf"\b{_BE}\s++{_SO}(?:(?:kind|sweet|lovely|wonderful|amazing|awesome|best|great|dear|precious|important|special|good (?:friend|listener)|my (?:best )?friend)\b)",
    r"\b(?:hugs?|kiss(?:es)?) (?:you|u)\b|\*(?:hugs|kisses|cuddles)\b|\bgood night,? (?:dear|love|my)\b|\bsweet dreams\b",
    r"\b(?:so |really )?(?:glad|happy|lucky) (?:that )?(?:i (?:met|have|found)|to (?:know|have)|you)\b|\byou (?:make|made) (?:me (?:smile|happy|laugh|feel)|my day)\b",
    r"\bich (?:liebe|mag|vermisse) dich\b|\bte (?:quiero|amo|extraño)\b|\bje t['’](?:aime|adore)\b|\btu me manques\b|[❤💕💖🥰😘🤗]",
)
CONFIDING = _any(
    r"\b(?:i(?:['’]ve| have) never told|between (?:you and me|us)|my secret|to be honest|honestly|i (?:have to|need to|want to|must) (?:tell|confess|admit))\b",
    r"\bi(?:['’]m| am|['’]ve been| have been| was)? (?:so |really |always |deeply |a bit |still )*(?:afraid|scared|ashamed|lonely|worried|struggling|grieving|heartbroken|depressed|anxious)\b",
    r"\bi (?:feel|felt|grew up|was born|lost my|dream of|dreamed of|always wanted|wish i|regret|remember when|used to)\b|\bwhen i was (?:a |little|young|\w+ years)",
    r"\bmy (?:mum|mom|mother|dad|father|brother|sister|son|daughter|wife|husband|partner|girlfriend|boyfriend|ex|therapist|childhood|best friend|grandma|grandpa)\b",
)
