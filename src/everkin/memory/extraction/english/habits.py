"""Rules for how a person lives: body, family, habits, small things. Pure; clauses without their subject, as in rules_self."""

from everkin.memory.extraction.english.clauses import tidy
from everkin.memory.extraction.english.rule import Draft, Rule, good, rule

WAYS: tuple[Rule, ...] = (
    rule(r"am pregnant\b", lambda found, talk: [Draft("is pregnant", 0.88, 0.85)]),
    rule(r"am an only child", lambda found, talk: [Draft("is an only child", 0.88, 0.6)]),
    rule(r"have (twins|triplets)\b", "has {1}", 0.85, 0.7),
    rule(r"(?:practise|practice) (.+)$", "practises {1}", 0.8, 0.5),
    rule(r"do a lot of (.+)$", "does a lot of {1}", 0.82, 0.5),
    rule(r"(?:was |been )?(?:raised|brought up) by (my .+)$", "was raised by {1}", 0.85, 0.6),
    rule(r"grew up on (a farm|an island|a boat|a commune|a ranch|an estate)\b", "grew up on {1}", 0.85, 0.55),
    rule(r"believe in (?!you\b|me\b|us\b|it\b|that\b)(.+)$", "believes in {1}", 0.78, 0.45),
    rule(r"am not religious", lambda found, talk: [Draft("is not religious", 0.85, 0.5)]),
    rule(r"(?:only )?eat (?:only )?(halal|kosher|vegan|vegetarian)\b", "eats {1}", 0.85, 0.65),
    rule(r"listen to (?!you\b|me\b|this\b|it\b|that\b|him\b|her\b)(.+)$", "listens to {1}", 0.76, 0.4),
    rule(r"take (antidepressants|insulin|statins|medication|meds)\b", "takes {1}", 0.82, 0.7),
    rule(
        r"own (?:an?|two|three|four|my own) (.+)$",
        lambda found, talk: (
            [Draft(f"owns {found[0].removeprefix('own ')[:60]}", 0.8, 0.5)] if good(tidy(found[1])) else []
        ),
    ),
    rule(r"ride (an? .+|horses|motorbikes)$", "rides {1}", 0.8, 0.5),
    rule(
        r"have (an? (?:\w+ )?(?:tattoo|scar|piercing|stammer|stutter|prosthetic|pacemaker)\b.*)$", "has {1}", 0.82, 0.5
    ),
    rule(
        r"wear (glasses|contacts|contact lenses|hearing aids|a hearing aid|braces|a hijab|a turban)\b",
        "wears {1}",
        0.82,
        0.45,
    ),
    rule(r"(?:broke|fractured|sprained|tore) my ((?:left |right )?\w+)", "broke their {1}", 0.78, 0.5),
    rule(r"dream of (.+)$", "dreams of {1}", 0.8, 0.55),
)
