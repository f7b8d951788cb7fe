"""The fold from findings to facts: repeated findings reinforce, changed ones close the old fact and keep it. Pure.

The fold depends on the findings alone, in their stored order: after a message is erased, the facts are those that would
exist without it. A character's facts come from messages it witnessed and from entries that the user made by hand on the
memory page. Findings of different realms are never merged.

Confidence is noisy-or over messages, 1 - prod(1 - c): independent mentions each rule out a mistake; of several findings
in one message the surest counts. A fact below the threshold is not reported and closes no other fact until a further
mention raises it over the threshold. Importance is the highest among its findings; each further mention reduces the
distance to 1 by a tenth, five times at most.

A fact's witnesses are all who witnessed a finding that contains everything the fact's text says. A fact mentioned once
in private and once in the open is open; a detail mentioned only in private restricts it. A text that the user worded by
hand has no witnesses but is between the user and the character.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from everkin.domain.ids import CharacterId, Millis, UserId
from everkin.domain.memory import Fact, FactId, Finding, Op, Realm
from everkin.memory.facts.similarity import WITHIN, Words, alike, opposed, same_value, words

FACT_THRESHOLD = 0.7
"""Confidence from which an item is reported as a fact."""
_ENDS_PARTNER = frozenset({"single", "divorced", "widowed"})


def fold(
    findings: Iterable[Finding], character_id: CharacterId, user_id: UserId, threshold: float = FACT_THRESHOLD
) -> tuple[Fact, ...]:
    """Return the facts in order of first mention. `findings` are in stored order; a duplicate id counts once."""
    folding = FactFold(character_id, user_id, threshold)
    for finding in findings:
        folding.add(finding)
    return folding.facts()


@dataclass(slots=True, eq=False)
class _Item:
    """A fact under construction, which may not have reached the threshold yet."""

    id: str
    """The id of the first finding, later of the fact."""
    text: str
    """The current wording."""
    slot: str
    """As in Finding; "" outside the real realm."""
    value: str
    """The value in its slot, "" without a slot."""
    first: Finding
    """The finding that created the item."""
    words: Words
    """Words of `text`."""
    findings: list[Finding] = field(default_factory=list)
    """In the order they were added."""
    doubts: dict[str, float] = field(default_factory=dict)
    """1 - confidence by message id (by finding id for findings without a message)."""
    last_at: int = 0
    """Unix milliseconds of the last mention."""
    closed_at: Millis | None = None
    """Unix milliseconds; None: still true."""
    superseded_by: "_Item | None" = None
    """The item that replaced this one."""
    pinned: bool = False
    """Pinned by the user."""
    edited_at: int | None = None
    """Unix milliseconds of the user's last correction; None: not corrected."""
    settled: bool = False
    """Reached the threshold or was corrected by the user."""

    @property
    def current(self) -> bool:
        return self.closed_at is None

    @property
    def confidence(self) -> float:
        if self.edited_at is not None:
            return 1.0
        doubt = 1.0
        for each in self.doubts.values():
            doubt *= each
        return 1.0 - doubt

    def take(self, finding: Finding) -> None:
        self.findings.append(finding)
        if finding.op in {Op.SAID, Op.ADDED}:
            message = finding.message_id or finding.id
            self.doubts[message] = min(self.doubts.get(message, 1.0), 1.0 - finding.confidence)
            self.last_at = max(self.last_at, finding.at)

    def word(self, text: str, slot: str, value: str) -> None:
        self.text, self.slot, self.value, self.words = text, slot, value, words(text)

    def close(self, at: Millis, by: "_Item | None" = None) -> None:
        if self.closed_at is None:
            self.closed_at, self.superseded_by = at, by


class FactFold:
    """Folds findings one at a time, in stored order. `facts` always equals `fold` of the findings added so far."""

    def __init__(self, character_id: CharacterId, user_id: UserId, threshold: float = FACT_THRESHOLD) -> None:
        self._character_id, self._user_id, self._threshold = character_id, user_id, threshold
        self._items: list[_Item] = []
        self._of: dict[str, _Item] = {}
        self._edited: list[_Item] = []
        self._slots: dict[str, list[_Item]] = {}
        self._tokens: dict[tuple[Realm, str], list[_Item]] = {}

    def add(self, finding: Finding) -> None:
        """Add a finding. Duplicates and findings that do not concern this character and user are ignored."""
        if finding.id in self._of or not self._knows(finding):
            return
        if finding.op in {Op.CORRECTED, Op.PINNED, Op.UNPINNED}:
            self._by_hand(finding)
        elif finding.ended:
            self._end(finding)
        else:
            self._learn(finding)

    def facts(self) -> tuple[Fact, ...]:
        """Return the facts so far in order of first mention."""
        return tuple(self._fact(item) for item in self._items if item.settled)

    def _knows(self, finding: Finding) -> bool:
        if finding.user_id != self._user_id:
            return False
        if finding.character_id is not None:
            return finding.character_id == self._character_id
        return self._character_id in finding.witnesses

    # -- learning

    def _learn(self, finding: Finding) -> None:
        item = self._same(finding)
        if item is None:
            item = self._new(finding)
        else:
            self._take(item, finding)
            if _tells_more(finding, item) and item.edited_at is None:
                self._reword(item, finding)
        self._settle(item, finding.at)

    def _same(self, finding: Finding) -> _Item | None:
        slot = _slot(finding)
        if slot:
            found = next((item for item in reversed(self._held(slot)) if same_value(item.value, finding.value)), None)
            return found or self._edited_since(finding)
        return self._like(finding) or self._edited_since(finding)

    def _edited_since(self, finding: Finding) -> _Item | None:
        """Return a fact that the user corrected after this finding and whose earlier wording it repeats.

        The correction takes precedence.
        """
        for item in self._edited:
            if item.edited_at is not None and finding.at <= item.edited_at and _was_of(item, finding):
                return item
        return None

    def _like(self, finding: Finding, *, opposite: bool = False) -> _Item | None:
        said, judge = words(finding.text), opposed if opposite else alike
        for item in self._near(finding.realm, said):
            if item.current and not (item.slot and _slot(finding)) and judge(said, item.words):
                return item
        return None

    def _near(self, realm: Realm, said: Words) -> Iterator[_Item]:
        """Yield items that may have the same meaning, looked up by the rarest words; an item may be repeated.

        Two alike texts share all but at most two words, or at least three (similarity.WITHIN), so the two commonest
        words need not be looked up.
        """
        lists = sorted((self._tokens.get((realm, word), []) for word in sorted(said.content)), key=len)
        for items in lists[: max(1, len(lists) - WITHIN + 1)]:
            yield from reversed(items)

    def _new(self, finding: Finding) -> _Item:
        item = _Item(
            finding.id,
            finding.text,
            _slot(finding),
            finding.value if _slot(finding) else "",
            finding,
            words(finding.text),
        )
        self._items.append(item)
        self._take(item, finding)
        self._enter(item)
        return item

    def _enter(self, item: _Item) -> None:
        if item.slot:
            self._slots.setdefault(item.slot, []).append(item)
        for word in item.words.content:
            self._tokens.setdefault((item.first.realm, word), []).append(item)

    def _take(self, item: _Item, finding: Finding) -> None:
        item.take(finding)
        self._of[finding.id] = item

    def _reword(self, item: _Item, finding: Finding) -> None:
        item.word(finding.text, item.slot, finding.value)
        self._enter(item)

    def _settle(self, item: _Item, at: Millis) -> None:
        """Settle the item once its confidence reaches the threshold; it then closes the facts it contradicts."""
        if item.settled or item.confidence + 1e-9 < self._threshold:
            return
        item.settled = True
        if item.current:
            self._supersede(item, at)

    def _supersede(self, item: _Item, at: Millis) -> None:
        for slot in (item.slot, *_touched(item)):
            for older in self._held(slot) if slot else ():
                if older is not item and (slot == item.slot or _clash(item, older)):
                    older.close(at, item)
        if not item.slot and (older_one := self._like(item.first, opposite=True)) and older_one is not item:
            older_one.close(at, item)

    # -- ending

    def _end(self, finding: Finding) -> None:
        """Close the facts that this finding ends. If there are none, add it as a fact of the past."""
        ended = list(self._ended_by(finding))
        for item in ended:
            self._take(item, finding)
            item.close(finding.at)
        if not ended and finding.text:
            item = self._past(finding) or self._new(finding)
            if finding.id not in self._of:
                self._take(item, finding)
            item.close(finding.at)
            self._settle(item, finding.at)

    def _past(self, finding: Finding) -> _Item | None:
        said = words(finding.text)
        return next(
            (item for item in self._near(finding.realm, said) if not item.current and alike(said, item.words)), None
        )

    def _ended_by(self, finding: Finding) -> Iterator[_Item]:
        slot = _slot(finding)
        if not slot:
            found = self._like(finding)
            if found is not None:
                yield found
            return
        for each in self._slots_with(slot, finding):
            for item in self._held(each):
                if each != slot or not finding.value or same_value(item.value, finding.value):
                    yield item

    def _slots_with(self, slot: str, finding: Finding) -> list[str]:
        """Return the slot and those that end with it.

        These are details of a pet or relative ("pet:fig:age"), and the employer with the job.
        """
        if slot.startswith(("pet:", "kin:")):
            return [slot, *(each for each in self._slots if each.startswith(f"{slot}:"))]
        return [slot, "employer"] if slot == "job" and not finding.value else [slot]

    def _held(self, slot: str) -> list[_Item]:
        """Return the current items of a slot, first to last, and drop its closed items, which are never reopened."""
        held = [item for item in self._slots.get(slot, ()) if item.current and item.slot == slot]
        if held:
            self._slots[slot] = held
        else:
            self._slots.pop(slot, None)
        return held

    # -- entries by the user

    def _by_hand(self, finding: Finding) -> None:
        item = self._of.get(finding.target)
        if item is None:
            return
        self._take(item, finding)
        if finding.op is Op.CORRECTED:
            self._correct(item, finding)
        else:
            item.pinned = finding.op is Op.PINNED

    def _correct(self, item: _Item, finding: Finding) -> None:
        if item not in self._edited:
            self._edited.append(item)
        item.edited_at, item.settled = finding.at, True
        real = item.first.realm is Realm.REAL
        item.word(finding.text, finding.slot if real else "", finding.value if real else "")
        self._enter(item)
        if finding.ended:
            item.close(finding.at)
        elif item.current:
            self._supersede(item, finding.at)

    def _fact(self, item: _Item) -> Fact:
        base = max(finding.importance for finding in item.findings if finding.op not in {Op.PINNED, Op.UNPINNED})
        told = [finding for finding in item.findings if finding.op in {Op.SAID, Op.ADDED}]
        messages = list(dict.fromkeys(finding.message_id for finding in told if finding.message_id is not None))
        by = item.superseded_by
        return Fact(
            id=FactId(item.id),
            character_id=self._character_id,
            user_id=self._user_id,
            text=item.text,
            category=item.first.category,
            realm=item.first.realm,
            confidence=round(item.confidence, 6),
            importance=round(1 - (1 - base) * 0.9 ** min(5, max(0, len(item.doubts) - 1)), 6),
            pinned=item.pinned,
            reinforcements=max(0, len(item.doubts) - 1),
            first_mentioned_at=item.first.at,
            last_reinforced_at=Millis(max(item.last_at, item.first.at)),
            valid_from=item.first.at,
            valid_to=item.closed_at,
            superseded_by=None if by is None or not by.settled else FactId(by.id),
            slot=item.slot,
            value=item.value,
            findings=tuple(finding.id for finding in item.findings),
            message_ids=tuple(messages),
            witnesses=tuple(
                sorted({who for finding in told if _tells_all(finding, item) for who in finding.witnesses})
            ),
            edited=item.edited_at is not None,
        )


def _slot(finding: Finding) -> str:
    """Return the finding's slot. Only the real realm has slots."""
    return finding.slot if finding.realm is Realm.REAL else ""


def _tells_more(finding: Finding, item: _Item) -> bool:
    return bool(item.slot) and len(finding.value.split()) > len(item.value.split())


def _tells_all(finding: Finding, item: _Item) -> bool:
    said = words(finding.text)
    return item.edited_at is None and item.words.content <= said.content and item.words.numbers <= said.numbers


def _was_of(item: _Item, finding: Finding) -> bool:
    """Return whether the finding repeats one that the fact had before its correction."""
    before = [one for one in item.findings if one.op in {Op.SAID, Op.ADDED}]
    if finding.slot:
        return any(one.slot == finding.slot and same_value(one.value, finding.value) for one in before)
    return any(one.realm is finding.realm and alike(words(one.text), words(finding.text)) for one in before)


def _touched(item: _Item) -> tuple[str, ...]:
    """Return other slots that a new value of this item may contradict."""
    return {"partner": ("marital",), "marital": ("partner",)}.get(item.slot, ())


def _clash(item: _Item, older: _Item) -> bool:
    if item.slot == "partner":
        return older.value in _ENDS_PARTNER
    return item.value in _ENDS_PARTNER


def current(facts: Sequence[Fact], slot: str) -> Fact | None:
    """Return the latest current fact of the real realm in this slot."""
    held = [fact for fact in facts if fact.slot == slot and fact.valid_to is None and fact.realm is Realm.REAL]
    return max(held, key=lambda fact: fact.valid_from, default=None)


def before(facts: Sequence[Fact], slot: str) -> Fact | None:
    """Return the fact of the real realm in this slot that ended last."""
    past = [fact for fact in facts if fact.slot == slot and fact.valid_to is not None and fact.realm is Realm.REAL]
    return max(past, key=lambda fact: (fact.valid_to or 0, fact.valid_from), default=None)
