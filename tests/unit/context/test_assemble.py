"""What the model is shown."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from everkin.context.assemble import assemble
from everkin.context.budget import MESSAGE_OVERHEAD, Budget
from everkin.context.scene import Bond, Scene, Speech
from everkin.domain.character import NsfwPolicy, Persona
from everkin.domain.prompt import Prompt, SamplingParams

PERSONA = Persona(
    name="Ada",
    age=41,
    gender="woman",
    traits=("wry", "patient"),
    description="Keeps bees with {{user}}'s blessing.",
    scenario="A garden in June.",
    example_dialogues=("{{user}}: Hello\n{{char}}: *looks up* Mind the bees.",),
    post_history_instructions="Answer as {{char}}.",
)


def cost(text: str) -> int:
    return len(text) // 4 + 1 if text else 0


def dialogue(count: int, length: int = 40) -> tuple[Speech, ...]:
    return tuple(
        Speech(seq, seq % 2 == 0, "Ada" if seq % 2 == 0 else "Sam", f"line {seq} ".ljust(length, "."))
        for seq in range(1, count + 1)
    )


def scene(count: int = 4, **changes: object) -> Scene:
    window = dialogue(count)
    base = Scene(PERSONA, "Sam", window, Speech(count + 1, False, "Sam", "And the honey?"))
    return replace(base, **changes)  # type: ignore[arg-type]


def prompt_of(the_scene: Scene, budget: Budget | None = None) -> Prompt:
    return assemble(the_scene, budget or Budget(), cost, SamplingParams())


def test_the_persona_is_told_whole_and_macros_are_filled() -> None:
    system = prompt_of(scene()).messages[0]
    assert system.role == "system"
    for part in ("Ada", "41", "woman", "wry, patient", "Sam's blessing", "A garden in June", "Mind the bees"):
        assert part in system.content
    assert "{{" not in "".join(message.content for message in prompt_of(scene()).messages)


def test_the_current_message_comes_last_with_the_post_history_instructions() -> None:
    current, after = prompt_of(scene()).messages[-2:]
    assert (current.role, current.content) == ("user", "And the honey?")
    assert (after.role, after.content) == ("system", "Answer as Ada.")


def test_a_system_prompt_override_replaces_the_opening() -> None:
    own = replace(PERSONA, system_prompt="You are the spirit of {{char}}.")
    assert prompt_of(scene(persona=own)).messages[0].content.startswith("You are the spirit of Ada.")


def test_the_nsfw_policy_is_told_to_adults_and_nobody_else() -> None:
    told = {
        (policy, adult): prompt_of(scene(persona=replace(PERSONA, nsfw_policy=policy), adult=adult)).messages[0].content
        for policy in NsfwPolicy
        for adult in (True, False)
    }
    assert len(set(told.values())) == 3
    assert {told[policy, False] for policy in NsfwPolicy} == {told[NsfwPolicy.BLOCK, True]}


def test_what_changes_each_turn_never_stands_in_the_system_message() -> None:
    told = prompt_of(scene(profile="a nurse", summary="They met.", memories=("likes tea",), bond=Bond(12, 30, 4, 9)))
    assert "likes tea" not in told.messages[0].content
    assert "nurse" not in told.messages[0].content
    assert "a nurse" in told.messages[1].content
    for part in ('"likes tea"', "12/100"):
        assert part in told.messages[-2].content


def test_in_company_lines_carry_names() -> None:
    told = prompt_of(scene(several=True)).messages
    assert "Sam: line 1" in told[1].content
    assert told[2].content.startswith("line 2")


def test_roles_take_turns_even_when_somebody_speaks_twice() -> None:
    window = (Speech(1, False, "Sam", "one"), Speech(2, False, "Sam", "two"), Speech(3, True, "Ada", "three"))
    roles = [message.role for message in prompt_of(scene(window=window)).messages]
    assert roles == ["system", "user", "assistant", "user", "system"]


def test_the_window_moves_in_steps_so_that_prompts_share_their_prefix() -> None:
    budget = Budget(tokens=8000, messages=20)
    shared = total = 0
    previous = ""
    for count in range(2, 120, 2):
        messages = prompt_of(scene(count), budget).messages
        text = "\x1e".join(f"{message.role}:{message.content}" for message in messages[:-2])
        if previous:
            total += len(text)
            shared += len(text) if text.startswith(previous) else 0
        previous = text
    assert shared / total >= 0.75
    assert all(10 <= len(prompt_of(scene(count), budget).messages) - 3 <= 20 for count in range(30, 60))


def test_when_it_is_tight_recent_messages_stay_and_old_ones_go() -> None:
    tight = prompt_of(scene(40), Budget(tokens=420, messages=20))
    said = "".join(message.content for message in tight.messages)
    assert "line 40" in said
    assert "line 21 " not in said
    assert "And the honey?" in said


@given(
    tokens=st.integers(50, 3000),
    messages=st.integers(1, 40),
    count=st.integers(0, 60),
    length=st.integers(1, 400),
    memories=st.lists(st.text(min_size=1, max_size=200), max_size=5),
)
def test_the_budget_holds_and_the_core_is_never_dropped(
    tokens: int, messages: int, count: int, length: int, memories: list[str]
) -> None:
    budget = Budget(tokens, messages)
    full = scene(window=dialogue(count, length), memories=tuple(memories), summary="s" * 80)
    bare = prompt_of(replace(full, window=(), memories=(), summary="", persona=replace(PERSONA, example_dialogues=())))
    prompt = prompt_of(full, budget)
    slack = (len(prompt.messages) + len(memories) + 2) * MESSAGE_OVERHEAD
    assert prompt.tokens <= max(tokens, bare.tokens) + slack
    assert prompt.messages[0].content.startswith("You are Ada")
    assert "And the honey?" in prompt.messages[-2].content
    assert prompt == prompt_of(full, budget)
