"""Word lists of cache_policy.py. Greetings are written as its `_plain` returns them: lower case, without
punctuation."""

GREETINGS = frozenset(
    phrase.strip()
    for line in """
    hello | hi | hey | hiya | heya | howdy | hello there | hi there | hey there | hello hello | sup | greetings
    good morning | good afternoon | good evening | hello friend | hello my friend | hi friend | hello dear | hi dear | hey you
    hallo | guten morgen | guten tag | guten abend | moin | grüß gott | grüß dich | hallöchen | bonjour | coucou
    hola | buenos días | buenos dias | buongiorno | olá | oi | bom dia | goedemorgen | goedemiddag | goedenavond | hoi
    god morgon | god morgen | terve | hyvää huomenta | dzień dobry | dobrý den | jó reggelt | bună dimineața | здравей
    привет | здравствуй | здравствуйте | доброе утро | добрый вечер | привіт | вітаю | добрий ранок | καλημέρα
    merhaba | günaydın | בוקר טוב | مرحبا | السلام عليكم | صباح الخير | नमस्ते | नमस्कार | สวัสดี | xin chào
    selamat pagi | sawubona | jambo | こんにちは | こんばんは | おはよう | おはようございます | 你好 | 您好 | 早上好 | 晚上好
    早安 | 안녕하세요
    """.splitlines()
    for phrase in line.split("|")
    if phrase.strip()
)
"""Deliberately left out: greetings that also mean good-bye (ciao, salut, servus, cześć, שלום, buenas noches...), and
those that also answer a question (yo, moi, morning)."""

OPENERS = (
    *(
        "what is ",
        "what's ",
        "what are ",
        "what does ",
        "what do ",
        "what kind of ",
        "what sort of ",
        "what colour ",
        "what color ",
    ),
    *(
        "what makes ",
        "what causes ",
        "who is ",
        "who was ",
        "who wrote ",
        "who painted ",
        "who invented ",
        "who discovered ",
    ),
    *(
        "where is ",
        "where are ",
        "where do ",
        "where does ",
        "how does ",
        "how do ",
        "how many ",
        "how much ",
        "how far ",
    ),
    *(
        "how big ",
        "how tall ",
        "how deep ",
        "how old ",
        "how long is ",
        "how long are ",
        "why is ",
        "why are ",
        "why do ",
    ),
    *(
        "why does ",
        "which is ",
        "do you like ",
        "do you believe in ",
        "do you enjoy ",
        "do you prefer ",
        "do you speak ",
    ),
    *("is a ", "is an ", "are all ", "can a ", "can an ", "does a ", "does an "),
)
"""Beginnings of questions that can contain everything they ask about. "Are you", "can you", "do you want" depend on
the present moment."""

DEPENDENT = frozenset(
    word
    for line in """
    i im ive id ill me my mine myself we us our ours ourselves lets
    it its itself that this these those they them their theirs themselves he him his himself she her hers herself
    one ones same other others another else such so either neither both which former latter everyone everybody
    someone somebody something anyone anybody anything everything nothing nobody thing things stuff whatever
    here there then thus therefore otherwise instead too also either though however besides
    again still yet already anymore back next previous previously prior last lastly latest first second third finally once
    twice often always never ever usually recently recent lately soon later earlier before after afterwards ago since until
    till during while meanwhile now current currently present presently moment today tonight tomorrow yesterday morning
    noon afternoon evening night midnight week weekend month year hour hours minute minutes seconds time times date day days
    oclock clock late early old new newest when whenever just almost nearly
    monday tuesday wednesday thursday friday saturday sunday january february april june july august september october
    november december spring autumn winter birthday christmas easter season weather temperature outside news score
    say said says saying tell told telling talk talked spoke mention mentioned mean means meant meaning remember
    remembered recall forget forgot forgotten ask asked answer answered question questions reply word words message messages
    sentence repeat repeated continue explain explained elaborate summarize summarise summary conversation chat discuss discussed
    topic subject story plot chapter scene list above below agree disagree sure really serious seriously joke guess count turn
    promise promised suggest suggested suggestion recommend advice plan plans idea ideas choice option options difference
    rest remaining more less most least enough further only even
    feel feels feeling feelings mood angry mad upset sad happy okay alright ok fine wrong matter problem tired hungry ready busy
    love miss want wanted wants need needs wish hope wonder think thought thinking doing happening happened happen going gone
    did had been was were would could should will shall might may must am
    name names called nickname relationship friend friends married together secret
    you'd you'll you've you're up down left right
    """.splitlines()
    for word in line.split()
)
"""A message with one of these depends on the dialogue, on the time, or on the relationship of user and character."""
