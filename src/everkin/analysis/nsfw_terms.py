"""The words of nsfw.py, as data: innocent phrases, which are removed first, and the words of each level.

Patterns match lower-case text. They are matched at word boundaries, except for scripts written without spaces.
"""

import re

HARMLESS = re.compile(
    r"\b(?:"
    # Figures of speech, trade, animals, food, places and names.
    r"naked (?:eye|truth|mole|juice|singularity|short\w*)|nude (?:lipstick|colou?r|shade|heels|palette|tones?|pumps)"
    r"|(?:extra )?virgin (?:olive|islands?|atlantic|media|records?|galactic|mary|coconut|forest|territory)|virgin mojito"
    r"|(?:chicken|turkey|duck) breasts?|breast ?(?:cancer|feed\w*|milk|stroke|plate|pocket|pump)|cock(?:[- ]a[- ]doodle\w*| and bull)"
    r"|pussy ?(?:cats?|willows?|foot\w*)|(?:moby|philip k\.?|uncle|tricky|dirty) dick|dick (?:cheney|van dyke|tracy|grayson|clark|turpin)"
    r"|strip (?:malls?|mines?|mining|club sandwich|lights?|search)|(?:comic|film|gaza|las vegas|bacon|magnetic|led|power|landing) strips?"
    r"|hard drives?|blow ?(?:jobless)|tit for tat|(?:blue|great|coal|willow) tits?|booby (?:traps?|prize)|cum laude"
    r"|(?:pain in the|kick(?:s|ed|ing)?|half|smart|bad|dumb|jack|hard|lazy|kiss my|my|your|his|her|their) ass(?:es)?(?: off)?"
    r"|(?:in|take|takes) the nude|bang(?:ing)? on about|banging (?:headache|tune)|moan(?:s|ed|ing)? (?:about|at)|climax of"
    r"|thrust (?:of (?:the|his|her)|reverser|vector\w*)|thrust (?:into|to) (?:the )?(?:spotlight|limelight)"
    # Sex as a fact, a right or a topic of the news.
    r"|(?:same|opposite|single|fair(?:er)?|biological|baby'?s?|the other|legal|assigned)[- ]sex|sex of (?:the|my|a|your|our) \w+"
    r"|(?:his|her|its|my|their|male|female) sex chromosomes?|sex (?:education|ed|chromosomes?|pistols|discrimination|and the city|at birth|determination)"
    r"|sexual (?:orientations?|identity|reproduction|dimorphism|selection|harassment|assaults?|abuse|misconduct|violence|health|minorit\w+|predators?|offen[cs]es?|offenders?)"
    r"|sex (?:offenders?|crimes?|trafficking|abuse|scandals?)|sexually (?:transmitted\w*|assaulted|abused|harassed|active)|(?:safe|safer|unprotected) sex"
    # Swearing, which is rude and not sexual.
    r"|(?:what|who|where|why|how|shut|as|the|holy|oh|for|don'?t give a|give a|no|go) (?:the )?(?:actual )?fuck(?:s| up)?(?: off| yourself| you)?"
    r"|fuck(?:ed|ing|s)? (?:up|off|this|that|it|yeah|yes|no|knows?|all|sake|hell)|(?<!to )(?<!wanna )(?<!gonna )(?<!me )fuck (?:you|them|him|her)(?=\W*$)|go fuck yourself"
    r"|dick ?heads?|such a dick|(?:a|being a|an absolute) (?:dick|pussy|cock)(?=\W*$| (?:to|about|move))"
    r")\b"
)

FACTUAL = re.compile(
    r"\b(?:doctors?|physicians?|nurses?|gyn\w+|urolog\w+|patients?|hospitals?|clinic\w*|medic\w*|health|symptoms?|diagnos\w+|disease|infection|sti|std"
    r"|hiv|aids|pregnan\w+|contracept\w+|condoms?|birth control|hormones?|puberty|anatom\w+|biolog\w+|surgery|therap\w+|cancer|vaccin\w+|dysfunction"
    r"|stud(?:y|ies)|research\w*|statistics|percent|survey|history|histor\w+|museum|painting|sculptures?|statues?|renaissance|art (?:class|history)"
    r"|law|laws|legal|illegal|court|police|lawsuit|arrested|charged|convicted|reported|allegations?|victims?|survivors?|news|article|journalist"
    r"|school|class|teacher'?s lesson|curriculum|species|animals?|mating|bible|church|gender|feminis\w+|consent|asks? about|asked about|explain|what should i (?:say|tell|do)|definition|meaning of|mean\?)"
)
"""Words of medicine, teaching, art, law and news: beside them plain vocabulary counts as a topic, not as a wish."""

TOPIC_AT_MOST = 3
"""Highest level of plain vocabulary in a factual context."""

LEVELS: tuple[tuple[int, bool, str], ...] = (
    # level, whether it is plain vocabulary (excused by a factual context), words
    (1, False, r"hugs?|hugging|sweetheart|darling|miss (?:you|u)|cutie|holding hands|hold (?:my|your) hand|adore (?:you|u)"),
    (2, False, r"kiss\w*|cuddl\w*|snuggl\w*|love (?:you|u|ya)|in love|crush on|date night|romantic\w*|flirt\w*|boyfriend|girlfriend"
               r"|te (?:quiero|amo)|ich liebe dich|je t'aime|ti amo|beso\w*|küss\w*|embrasse\w*|bacio|beij\w+"),
    (3, False, r"sexy|hottie|seduc\w+|sensual\w*|turns? (?:me|you) on|turned on|(?:in|into|share) (?:my|your|his|her) bed|(?:come|take me|join me) (?:to|in) bed|make love|making love|bikini|lingerie"
               r"|(?:you|u|you're|ur|look|looking) (?:so |really |very )?hot|make out|making out|made out|spoon me|desire you|want you (?:so )?bad(?:ly)?|milf|naughty"),
    (4, True, r"naked|nude|nudity|topless|virginity|virgins?|breasts?|butt|buttocks|nipples?|desnud[oa]s?|nackt\w*|toute? nue?|nud[oa]|pelad[oa]|голая|голый"),
    (5, False, r"undress\w*|strip(?:s|ped|ping)?(?: down| for| off| tease)?|striptease|moan(?:s|ed|ing)?|aroused|arous\w+|horny|panties|thong|straddl\w+|grinding|thrust\w*|throbb\w+"
               r"|kinky|kinks?|submissive|on all fours|big (?:boobs|tits)|dominatrix|dom (?:top|daddy)|boobs?|booty|bosom|cleavage|bulge|unzip\w*|(?:lips|kiss\w*|tongue|hands?|mouth)\b[^.!?]{0,40}\b(?:neck|thighs?|waist|chest|body|skin)"
               r"|(?:take|took|taking|takes|pulls?|pulled) (?:off )?(?:your|my|her|his) (?:clothes|shirt|dress|bra|pants|skirt)(?: off)?|get you naked|sleep with (?:me|you|him|her)|one night stand|escorts?|caliente|cachond[oa]|geil"),
    (6, True, r"sex|sexual(?:ly)?|intercourse|porn|porno|pornhub|pornograph\w+|pornstars?|penis\w*|vagina\w*|genital\w*|testic\w+|clitor\w+|orgasm\w*|ejaculat\w*|masturbat\w*|erections?|erotic\w*|fetish\w*|bdsm|prostitut\w+|sperm|semen|foreplay|libido|incest\w*"
              r"|oral|anal|vibrators?|dildos?|sexo|sexe|sexuel\w*|секс\w*|порно"),
    (7, False, r"nudes|nude (?:pics?|photos?|pictures?|selfies?)|sexting|xxx (?:videos?|porn|cams?|movies?)|nsfw|hentai|onlyfans|camgirls?|bondage|dominatrix|dominates? (?:me|you|her|him)|orgy|threesomes?|gangbang|have sex|having sex|had sex"
               r"|sex (?:with|me|you|tape|toys?|slave|video|party|doll)|sexy (?:pics?|photos?|video)|lick\w* (?:my|your|her|his)|suck(?:s|ed|ing)? (?:my|your|her|his|on|me|him|it)|ride (?:me|him|you)|rides? (?:his|your)|fingers? (?:inside|in)|cum inside"
               r"|wet for|hard for (?:me|you|her|him)|spank\w*|tits?|titties|titten|tetas|tette|nichons|sperme|coño|polla|muschi|schwanz lutschen|трахн\w*|голые"),
    (8, False, r"cocks?|cocksuck\w*|dicks?|puss(?:y|ies)|cunts?|cum|cums|cumming|cumshots?|creampie\w*|blow ?jobs?|hand ?jobs?|rim ?jobs?|deepthroat\w*|jerk(?:ing|ed|s)? (?:off|me)|jack(?:ing)? off|wank\w*|fingering|finger (?:me|you|her)|clit|asshole stretched|facials? cum"
               r"|fuck(?:s|ed|ing)? (?:me|her|him|you|my|hard|each other|until|till)(?! (?:up|over))|fuck(?:s|ed) (?:a|the|in|on|by|like|his|your)|(?:to|get|gets|got|getting|being|wanna|gonna|love) fuck(?:ed)?(?! (?:up|off|with|over|around|it|this|that))|bareback\w*|doggy ?style|squirt\w*|slut\w*|whores?"
               r"|follar\w*|fóllame|mamada|ficken|fick mich|blas mir|enculer|baise[- ]moi|(?:ma|ta|sa|grosse) bite|chatte|scopa(?:re|mi)|pompino|foder|me fode|buceta|boquete|punheta|минет|трахал\w*|трахн\w*|трахат\w*|хуй|пизд\w*"),
)  # fmt: skip

UNSPACED = re.compile(
    "セックス|エッチ|おっぱい|まんこ|ちんこ|ちんぽ|オナニー|做爱|做愛|性交|裸体|裸照|鸡巴|雞巴|阴道|陰道|色情|口交|섹스|야동|자지|보지|자위"
)
UNSPACED_LEVEL = 7

MINORS = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|under ?age\w*|pre ?teens?|school ?(?:girl|boy)s?|little (?:girl|boy)s?|toddlers?|loli\w*|shota\w*|jail ?bait|teens?|teenage\w*|pig ?tailed|lolita"
    r"|(?:[5-9]|1[0-7]) ?(?:yo|y/o|old|year[- ]?olds?|years? old|yrs? old|years? of age)|(?:i'?m|i am|am|she'?s|he'?s|is|was|aged?) (?:only )?(?:[5-9]|1[0-7])(?! ?(?:minutes|hours|days|%|weeks|months|miles|km|inches|cm))"
    r"|(?:his|her|my|your|own|step) ?(?:little )?(?:daughters?|sons?)|menor(?:es)?|minderjährig\w*|mineure?s?)\b"
)
COERCED = re.compile(r"\b(?:rape me|rap(?:es|ed|ing) (?:her|him|you)|rape (?:her|him|you)|gang ?rape\w*|against (?:her|his) will|bestiality|zoophil\w*|necrophil\w*|animal sex|snuff)\b")  # fmt: skip
