"""Several characters in one prompt: labels are paid for, and everybody learns how the person seems."""

from everkin.context.budget import MESSAGE_OVERHEAD, Budget
from everkin.context.company import assemble_company, company_texts
from everkin.context.scene import Scene, Speech
from everkin.domain.character import Persona
from everkin.domain.prompt import Prompt, SamplingParams
from everkin.llm.tokens import estimate

ADA, BEN = Persona("Ada"), Persona("Ben")
PEOPLE = ("Sam", "Kim")


def _scene(mood: str = "", lines: int = 0) -> Scene:
    names = ("Sam", "Ada", "Kim", "Ben")
    window = tuple(
        Speech(seq, names[seq % 4] in ("Ada", "Ben"), names[seq % 4], f"line {seq} of the evening, and no other")
        for seq in range(1, lines + 1)
    )
    return Scene(ADA, "Kim", window, Speech(lines + 1, False, "Kim", "I am lost"), several=True, mood=mood)


def _assembled(scene: Scene, budget: Budget | None = None) -> Prompt:
    return assemble_company([ADA, BEN], scene, PEOPLE, budget or Budget(), estimate, SamplingParams())


def test_the_mood_of_who_speaks_is_told_to_all_who_answer() -> None:
    said = _assembled(_scene("sad, strongly")).messages[-1].content
    assert "Ada and Ben's notes" in said
    assert "Kim seems sad, strongly" in said
    assert said.endswith("\n\nKim: I am lost")
    assert _assembled(_scene()).messages[-1].content == "Kim: I am lost"


def test_the_prompt_is_within_its_budget_with_every_label_counted() -> None:
    for tokens in (300, 400, 600, 2000):
        prompt = _assembled(_scene("sad", lines=40), Budget(tokens))
        assert prompt.tokens <= tokens
        assert prompt.tokens == sum(estimate(each.content) + MESSAGE_OVERHEAD for each in prompt.messages)
        lines = [row for each in prompt.messages[1:] for row in each.content.split("\n") if "line" in row]
        assert all(row.split(":")[0] in ("Sam", "Ada", "Kim", "Ben") for row in lines)


def test_what_a_remote_tokenizer_is_asked_to_count_is_what_is_sent() -> None:
    scene = _scene(lines=6)
    sent = _assembled(scene)
    asked = company_texts([ADA, BEN], scene, PEOPLE)
    assert sent.messages[0].content in asked
    assert all(row in asked for each in sent.messages[1:] for row in each.content.split("\n"))
