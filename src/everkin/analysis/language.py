"""The language of a message: by its script, and for Latin and Cyrillic by common words and letters. A table, no
library.

Accurate enough to choose a voice and to leave out English-only analysis. It returns "" rather than guess: "ok", a name
or an emoji has no language.
"""

import re

from everkin.analysis.features import clip

READ_AT_MOST = 400
"""Characters; the language shows at the beginning."""

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("fa", re.compile(r"[پچژگک]|ی")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("uk", re.compile(r"[іїєґ]", re.I)),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
"""In this order: Japanese before Chinese, Persian before Arabic, Ukrainian before Russian, by their distinctive
letters."""

_COMMON = {
    "en": "the and you is are was were i'm i it it's that's that what do don't my me to of in for on with this have has had not be so "
    "just can could would how why when where who your he she they we am been about but like want know good going did will "
    "there at from if or think hello hi hey thanks thank please love feel really tell help an im dont its yes no a as an her his him they're you're i've i'll such another every look let's great new same by said even more much some or all our us one too man girl shit fuck fucking lol",
    "es": "el la los las de que y en un una es no me te se lo por con para mi tu su yo muy más pero qué cómo está estoy soy eres "
    "hoy ha sido tengo tienes quiero hola gracias esta este eso bien día días noche mucho también cuando contigo gusta viene",
    "fr": "le la les des de du un une et est je tu il elle nous vous ne pas que qui ce cette mon ma mes ton ta au aux pour dans avec "
    "sur suis es j'ai c'est qu'est-ce quoi bonjour merci très trop mais ça fais fait bien comment aussi beaucoup ai me te",
    "de": "der die das und ich du er sie es wir ihr nicht ist bin bist sind war ein eine einen mein meine dein mir mich dir dich was "
    "wie wo warum wer auf mit für von zu im in den dem aber auch heute hatte habe hast kann kannst bitte danke schön sehr so ja nein",
    "it": "il lo la gli le di che e un una è non mi ti si per con ma mio mia tuo sono sei ho hai ha cosa come dove perché oggi stata "
    "stato anche questo questa molto bene ciao grazie sto fai fare so della alla viene del",
    "pt": "o a os as de que e em um uma é não me te se por com para meu minha seu você eu muito mais mas como está estou sou foi "
    "hoje tenho quero olá obrigado obrigada isso esta este bem dia noite também vai no na fazer vem bom do da ao à",
    "nl": "de het een en ik je jij hij zij we niet is ben bent zijn was mijn jouw me mij wat hoe waar waarom wie op met voor van te in "
    "maar ook vandaag heb hebt kan kun dank hallo heel zo ja nee dat dit er naar gaan ga weet even gehad doen vind",
    "pl": "i w na nie się jest to że co jak ja ty on ona my mi mnie cię ciebie mój moja twój czy dla z za do bardzo dzisiaj dziś ale "
    "też tak już mam masz jestem jesteś był była cześć dziękuję proszę wiem możesz być tobą",
    "sv": "och jag du han hon vi är inte en ett det den som på med för av till att har hade min mitt din mig dig vad hur var varför när "
    "men också idag kan hej tack mycket så ja nej vill gör om någon något nästa",
    "da": "og jeg du han hun vi er ikke en et det den som på med for af til at har havde min mit din mig dig hvad hvordan hvor hvorfor "
    "men også dag kan hej tak meget så ja nej vil gør om noget næste laver sjovt blev uge",
    "no": "og jeg du han hun vi er ikke en et det den som på med for av til å har hadde min mitt din meg deg hva hvordan hvor hvorfor "
    "men også dag kan hei takk mye så ja nei vil gjør om noe neste veldig ble uke gøy hatt",
    "fi": "ja minä sinä hän me te on olen olet ei en se tämä mitä mikä kuka missä miksi miten kun jos mutta myös minun sinun minulla "
    "sinulla minua sinua ollut oli hyvä hei kiitos nyt tänään niin kanssa voi voitko tulee",
    "tr": "ve bir bu şu ben sen biz siz çok için ile ne nasıl neden nerede kim mi mı mu mü değil var yok ama da de daha gibi bana sana "
    "beni seni bugün evet hayır merhaba teşekkürler iyi benim senin misin",
    "cs": "a je se na v že to co jak já ty on ona my mi mě ti tě můj moje tvůj není jsem jsi byl byla měl pro za do velmi dnes ale "
    "taky ano ne mám máš ahoj děkuji prosím nevím můžeš když moc",
    "ro": "și si un o de la în că ce nu este sunt ești eu tu el ea mă te mi îmi meu mea tău cum unde pentru cu din pe foarte azi dar "
    "da am ai avut să bună mulțumesc bine ești mie dor",
    "hu": "a az és egy nem van vagyok vagy ez hogy mit mi ki hol miért én te ő mi nekem neked engem téged nagyon ma de is igen jó "
    "szia köszönöm volt kell tudom tudsz meg ha",
    "id": "yang dan di ke dari ini itu untuk dengan tidak aku saya kamu dia kita apa bagaimana mengapa siapa ada akan sudah sedang "
    "bisa sangat sekali juga tapi hari malam iya terima kasih mau lagi sama harus",
    "vi": "tôi bạn là của và không có được cho với này đó gì như thế nào anh em rất đi làm một những các cũng nhưng hôm nay sẽ phải",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _code, _words in _COMMON.items():
    for _word in set(_words.split()):
        _LANGUAGES_OF.setdefault(_word, []).append(_code)

_LETTERS = (
    ("es", re.compile(r"[ñ¿¡]")),
    ("pt", re.compile(r"[ãõ]|ção|nh[aoã]")),
    ("fr", re.compile(r"[êèœùëç]|[cdjlmnst]['’](?=[aeéhiouy])|eau|\wez\b")),
    ("de", re.compile(r"[ßä]|sch|(?:ö|ü)(?=\w)|\wcht\b")),
    ("it", re.compile(r"[ìò]|zz|\w(?:ione|issim[oa]|ando|endo)\b|gli\b")),
    ("nl", re.compile(r"ij|aa|oe|\wje\b")),
    ("pl", re.compile(r"[łąęśźżćń]|sz|cz\b")),
    ("sv", re.compile(r"[åä](?!i)|ö")),
    ("da", re.compile(r"[æø]|å")),
    ("no", re.compile(r"ø|å")),
    ("fi", re.compile(r"ää|yy|kk|\w(?:ssa|lla|llä|ssä|mään|ni)\b")),
    ("tr", re.compile(r"[ğış]|yor|\w(?:dim|dım|ım)\b")),
    ("cs", re.compile(r"[řěůčžš]")),
    ("ro", re.compile(r"[țșăţş]")),
    ("hu", re.compile(r"[őű]|sz|gy|\w(?:nek|nak|lek|lak)\b")),
    ("vi", re.compile(r"[ơưđạảấầẩậắằẵẹẻếềểệịọốồổộớờợụủứừựỳỹ]")),
    ("id", re.compile(r"\b(?:me|ber|ter|di)\w{4,}|\w(?:nya|kan)\b")),
)
_LETTER_WEIGHT = 0.45
_ENOUGH = 0.5
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def language(text: str) -> str:
    """Return an ISO 639-1 code, or "" if the message does not show its language. Norwegian is "no". Deterministic,
    never raises."""
    text = clip(text, READ_AT_MOST).lower().replace("’", "'")
    said = _WORD.findall(text)
    if not said:
        return ""
    if _mostly_beyond_latin(said):
        return next((code for code, letters in _SCRIPTS if letters.search(text)), "")
    return _latin(text, said)


def _mostly_beyond_latin(said: list[str]) -> bool:
    letters = "".join(said)
    return sum(letter > "\u036f" and not "\u1e00" <= letter <= "\u1eff" for letter in letters) * 3 > len(letters)


def _latin(text: str, said: list[str]) -> str:
    """Return the language with most of its common words, a word shared by several counting less; letters decide close
    results."""
    votes: dict[str, float] = {}
    for word in said:
        known = _LANGUAGES_OF.get(word, ())
        for code in known:
            votes[code] = votes.get(code, 0.0) + 1 / len(known)
    if not _is_clear(votes):
        for code, letters in _LETTERS:
            if letters.search(text):
                votes[code] = votes.get(code, 0.0) + _LETTER_WEIGHT
    best, next_best = _two_best(votes)
    if best < _ENOUGH or best == next_best:
        return ""
    return max(votes, key=votes.__getitem__)


def _is_clear(votes: dict[str, float]) -> bool:
    best, next_best = _two_best(votes)
    return best >= 1 and best >= 2 * next_best


def _two_best(votes: dict[str, float]) -> tuple[float, float]:
    best, next_best = sorted((0.0, 0.0, *votes.values()), reverse=True)[:2]
    return best, next_best
