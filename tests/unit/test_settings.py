"""Settings as people bring them: their forms, their files, and the sentences for what will not do."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everkin.domain.errors import StartError
from everkin.embed import shown
from everkin.security.accounts import LONGEST_ACCESS_MINUTES
from everkin.settings import Setting, Settings, all_settings, load_settings
from everkin.settings.aliases import ALIASES, NOT_USED
from everkin.settings.kinds import Amount, Choice, Switch, Url

BROUGHT = sorted((Path(__file__).parent.parent / "data/env").glob("*.env"))
KNOBS = list(all_settings())
BY_ENV = {each.env: each for each in KNOBS}
NUMBERS = [each for each in KNOBS if isinstance(each.kind, Amount)]


def name_of(each: Setting) -> str:
    return each.env


def loaded(tmp_path: Path, file: str | bytes = b"", **environ: str) -> Settings:
    path = tmp_path / ".env"
    path.write_bytes(file if isinstance(file, bytes) else file.encode())
    return load_settings(environ, path)


TYPING_DELAYS = ("MIN_TYPING_DELAY", "MAX_TYPING_DELAY")
"""The first must not be longer than the second."""


def value(name: str, text: str) -> object:
    return shown(load_settings({name: text}, Path("no.env")))[name]


def refusal(**environ: str) -> str:
    with pytest.raises(StartError) as error:
        load_settings(environ, Path("no.env"))
    return error.value.sentence


def as_text(each: Setting) -> str:
    match each.default:
        case bool():
            return str(each.default).lower()
        case tuple():
            return ",".join(each.default)
        case Path():
            return "/somewhere"
    return str(each.default)


@pytest.mark.parametrize("each", KNOBS, ids=name_of)
def test_a_settings_default_written_out_means_the_default(each: Setting) -> None:
    expected = Path("/somewhere") if isinstance(each.default, Path) else each.default
    settings = load_settings({each.env: as_text(each)}, Path("no.env"))
    assert getattr(getattr(settings, each.section), each.name) == expected


@pytest.mark.parametrize("each", KNOBS, ids=name_of)
def test_nonsense_is_refused_by_name_and_a_secret_is_not_repeated(each: Setting) -> None:
    nonsense = "no\x07nsense" if not isinstance(each.kind, Url) else "::nonsense::"
    sentence = refusal(**{each.env: nonsense})
    assert sentence.startswith(f"{each.env} in the environment")
    assert each.kind.allowed in sentence
    assert ("nsense" in sentence) is not each.secret


@pytest.mark.parametrize("each", NUMBERS, ids=name_of)
@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999999", "-1e12", "1e13", "٣٫٥", "1,5", "0x10", "5 parsecs"])
def test_numbers_that_are_none_or_out_of_bounds_are_refused(each: Setting, text: str) -> None:
    assert each.env in refusal(**{each.env: text})


@pytest.mark.parametrize("each", NUMBERS, ids=name_of)
def test_the_bounds_themselves_are_allowed_and_the_numbers_beyond_are_not(each: Setting) -> None:
    assert isinstance(each.kind, Amount)
    assert each.kind.least <= each.default <= each.kind.most
    for bound, beyond in ((each.kind.least, each.kind.least - 1), (each.kind.most, each.kind.most + 1)):
        names = TYPING_DELAYS if each.env in TYPING_DELAYS else (each.env,)
        assert shown(load_settings(dict.fromkeys(names, str(bound)), Path("no.env")))[each.env] == bound
        assert each.env in refusal(**{each.env: str(beyond)})


@given(
    number=st.integers(-(10**7), 10**7),
    ending=st.sampled_from(["", "ms", "s", "m", "h", "d", " minutes", "MB", "/hour"]),
)
def test_an_amount_is_within_its_bounds_or_refused(number: int, ending: str) -> None:
    for each in NUMBERS:
        assert isinstance(each.kind, Amount)
        try:
            amount = each.kind.parse(f"{number}{ending}")
        except (ValueError, KeyError):
            continue
        assert each.kind.least <= amount <= each.kind.most
        assert not each.kind.whole or isinstance(amount, int)


@given(st.text(max_size=40))
def test_any_text_is_either_a_value_or_a_sentence(text: str) -> None:
    with contextlib.suppress(StartError):
        load_settings(dict.fromkeys(BY_ENV, text), Path("no.env"))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("MESSAGE_RATE_LIMIT", "10/minute", 10),
        ("MESSAGE_RATE_LIMIT", "10/min", 10),
        ("MESSAGE_RATE_LIMIT", "10 per minute", 10),
        ("MESSAGE_RATE_LIMIT", "600/hour", 10),
        ("MESSAGE_RATE_LIMIT", "2/s", 120),
        ("MESSAGE_RATE_LIMIT", "5/10s", 30),
        ("MESSAGE_RATE_LIMIT", "0/minute", 0),
        ("GLOBAL_MESSAGE_RATE_LIMIT", "10_000", 10_000),
        ("MESSAGE_BATCH_WINDOW_SECONDS", "500ms", 0.5),
        ("MESSAGE_BATCH_WINDOW_SECONDS", "2s", 2),
        ("MESSAGE_BATCH_WINDOW_SECONDS", "2 seconds", 2),
        ("TYPING_TIMEOUT", "3s", 3000),
        ("SESSION_IDLE_MINUTES", "30m", 30),
        ("SESSION_IDLE_MINUTES", "1.5h", 90),
        ("GREETING_AFTER_HOURS", "7d", 168),
        ("MEMORY_RETENTION_DAYS", "24h", 1),
        ("MEMORY_RETENTION_DAYS", "2 weeks", 14),
        ("MODEL_CACHE_MIB", "100MB", 100),
        ("MODEL_CACHE_MIB", "1GiB", 1024),
        ("SOCKET_OUTBOX_BYTES", "8mb", 8 * 2**20),
        ("MEMORY_ENABLED", "Disabled", False),
        ("MEMORY_ENABLED", "NO", False),
        ("ALLOW_SIGNUP", "enabled", True),
        ("ALLOW_SIGNUP", " on ", True),
        ("LOG_LEVEL", "INFO", "info"),
        ("VECTOR_INDEX", "http://chroma:8000", "http://chroma:8000"),
        ("CORS_ORIGINS", "https://a.example, http://localhost:5173", ("https://a.example", "http://localhost:5173")),
        ("DATABASE_URL", "postgresql+psycopg:///name?host=/var/run", True),
        ("REDIS_URL", "unix:///run/redis.sock", True),
        ("LLM_TEMPERATURE", "7e-1", 0.7),
        ("PORT", "", 8484),
    ],
)
def test_the_forms_people_write(name: str, text: str, expected: object) -> None:
    assert value(name, text) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MESSAGE_RATE_LIMIT", "100/hour"),
        ("MESSAGE_RATE_LIMIT", "10/fortnight"),
        ("MESSAGE_RATE_LIMIT", "10 minute"),
        ("MESSAGE_RATE_LIMIT", "10/0s"),
        ("MEMORY_RETENTION_DAYS", "36h"),
        ("TYPING_TIMEOUT", "3MB"),
        ("MODEL_CACHE_MIB", "512KB"),
        ("MODEL_RETRIES", "3s"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("MODEL_BASE_URL", "api.example.org/v1"),
        ("MODEL_BASE_URL", "http://host:99999/v1"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("CORS_ORIGINS", "chat.example.org"),
        ("WEBSOCKET_PATH", "socket.io"),
        ("WEBSOCKET_PATH", "/"),
        ("WEBSOCKET_PATH", "/api/v1"),
        ("WEBSOCKET_PATH", "/readyz"),
        ("EMBEDDER", "minilm"),
        ("VECTOR_INDEX", "chrma"),
        ("LOG_LEVEL", "verbose"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, text: str) -> None:
    assert name in refusal(**{name: text})


def test_an_access_token_that_would_live_too_long_is_refused_with_the_other_settings() -> None:
    assert value("ACCESS_TOKEN_MINUTES", str(LONGEST_ACCESS_MINUTES)) == LONGEST_ACCESS_MINUTES
    assert f"from 1 to {LONGEST_ACCESS_MINUTES}" in refusal(ACCESS_TOKEN_MINUTES=str(LONGEST_ACCESS_MINUTES + 1))


def test_all_wrong_values_are_said_at_once_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(StartError) as error:
        loaded(tmp_path, "\n\nPORT=soon\nJWT_SECRET=hunter2\nRETRY_ATTEMPTS=many\n", EMBEDDER="minilm")
    sentence = error.value.sentence
    assert f"PORT in {tmp_path / '.env'} line 3 is 'soon'. It has to be a whole number from 0 to 65535" in sentence
    assert "JWT_SECRET in" in sentence
    assert "hunter2" not in sentence
    assert "RETRY_ATTEMPTS in" in sentence
    assert "another name of MODEL_RETRIES" in sentence
    assert "EMBEDDER in the environment is 'minilm'. It has to be local, openai or none." in sentence


def test_a_file_as_editors_and_shells_write_it(tmp_path: Path) -> None:
    text = (
        '\ufeff# ours\r\n\r\nexport HOST="127.0.0.2"  # quoted\r\nPORT = 9000 # spaced\r\n'
        "LLM_TEMPERATURE='0.5'\r\nLOG_LEVEL=\r\nMETRICS_TOKEN=a#b\r\n"
    )
    settings = loaded(tmp_path, text)
    server = settings.server
    assert (server.host, server.port, server.log_level, server.metrics_token) == ("127.0.0.2", 9000, "info", "a#b")
    assert settings.model.temperature == 0.5
    assert settings.warning == ""


@pytest.mark.parametrize("file", [b"HOST\nPORT: 80\n", b"\xff\xfe\x00"], ids=["colon", "binary"])
def test_a_file_that_is_none_is_refused_with_its_name(tmp_path: Path, file: bytes) -> None:
    with pytest.raises(StartError, match=r"\.env") as error:
        loaded(tmp_path, file)
    assert "line 2" in error.value.sentence or "UTF-8" in error.value.sentence


def test_names_of_other_programs_are_one_warning_without_their_values(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, "NODE_ENV=production\nMAX_MESSAGE_LENGHT=100\nTTS_CACHE_SIZE_MB=100\nsk-live-1234=\nSTRIPE_KEY=sk-9\n"
    )
    assert "NODE_ENV" in settings.warning
    assert "MAX_MESSAGE_LENGHT (did you mean MAX_MESSAGE_LENGTH?)" in settings.warning
    assert "TTS_CACHE_SIZE_MB (speech is not built yet)" in settings.warning
    assert "sk-" not in settings.warning
    assert "production" not in settings.warning
    assert settings.chat.max_message_length == 2000


def test_what_is_no_name_is_found_by_its_line_and_not_repeated(tmp_path: Path) -> None:
    warning = loaded(tmp_path, "PORT=9000\n```bash\nsk-live-12=3\n").warning
    assert "what line 2 says, what line 3 says" in warning
    assert "sk-" not in warning


def test_the_environment_goes_before_the_file_and_an_own_name_before_an_alias(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "PORT=9000\nWEBSOCKET_PORT=5000\nMEMORY_CONTEXT_WINDOW=12\nTIMEOUT=5s\n", PORT="9001")
    assert settings.server.port == 9001
    assert settings.chat.max_history_messages == 12
    assert settings.model.first_token_seconds == 5
    assert "WEBSOCKET_PORT (PORT is set as well)" in settings.warning


def test_common_words_in_the_environment_of_a_machine_change_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path, TIMEOUT="1", API_KEY="theirs", MAX_MEMORY="1", CACHE_TTL="1", WEBSOCKET_PORT="5000")
    assert settings.server.port == 5000
    assert (settings.model, settings.chat) == (Settings().model, Settings().chat)


def test_a_providers_model_counts_where_that_provider_speaks(tmp_path: Path) -> None:
    file = "GROQ_API_KEY=k\nGROQ_MODEL=llama-3.3-70b-versatile\n"
    without = loaded(tmp_path, file)
    assert without.model.model_name == ""
    assert "GROQ_MODEL (it counts with EVERKIN_MODEL=groq only)" in without.warning
    assert loaded(tmp_path, file, EVERKIN_MODEL="groq").model.model_name == "llama-3.3-70b-versatile"
    assert load_settings({}, tmp_path / ".env", model="groq").model.model_name == "llama-3.3-70b-versatile"


@pytest.mark.parametrize("file", BROUGHT, ids=lambda path: path.stem)
def test_a_whole_file_of_another_program_is_read_and_explained(file: Path) -> None:
    settings = load_settings({}, file)
    names = [line.removeprefix("export ").partition("=")[0] for line in file.read_text().splitlines() if "=" in line]
    strange = [name for name in names if name not in BY_ENV and name not in ALIASES]
    assert not [name for name in strange if name not in settings.warning]
    assert "did you mean" not in settings.warning
    assert set(strange) <= set(NOT_USED)


def test_what_the_brought_files_say_is_what_counts() -> None:
    files = {path.stem: load_settings({}, path) for path in BROUGHT}
    service = files["companion_service"]
    assert (service.model.cache_seconds, service.model.first_token_seconds, service.model.concurrency) == (300, 30, 3)
    assert service.chat.max_history_messages == 40
    assert files["voice_bot"].chat.max_history_messages == 10
    assert files["pooled_agent"].cache.redis_url == "redis://localhost:6379/0"
    chat = files["character_chat"]
    assert (chat.server.port, chat.chat.max_history_messages, chat.chat.message_rate_limit) == (5000, 20, 10)
    dual = files["dual_memory"]
    assert (dual.chat.message_rate_limit, dual.chat.global_rate_limit) == (30, 10_000)
    assert dual.model.model_name == "gpt-4o-mini"
    assert (Settings().chat.message_rate_limit, Settings().chat.global_rate_limit) == (30, 10_000)


def test_values_of_a_program_are_checked_too() -> None:
    with pytest.raises(StartError) as error:
        load_settings(
            {}, Path("no.env"), port=-1, embedder="minilm", message_rate_limit="ten", temperature=float("nan")
        )
    assert all(
        name in error.value.sentence for name in ("port (PORT) is -1", "embedder", "message_rate_limit", "temperature")
    )
    with pytest.raises(TypeError, match="prot"):
        load_settings({}, Path("no.env"), prot=1)


def test_a_field_name_means_one_setting_and_every_kind_says_what_it_allows() -> None:
    assert len({each.name for each in KNOBS}) == len({each.env for each in KNOBS}) == len(KNOBS)
    assert not [each.env for each in KNOBS if not each.kind.allowed]
    assert {alias.env for alias in ALIASES.values()} <= set(BY_ENV)
    assert not (set(ALIASES) | set(NOT_USED)) & set(BY_ENV)
    assert {type(each.kind) for each in KNOBS} >= {Amount, Choice, Switch, Url}


def test_the_shortest_typing_delay_is_not_longer_than_the_longest() -> None:
    with pytest.raises(StartError, match=r"MIN_TYPING_DELAY \(5 s\) is longer than MAX_TYPING_DELAY \(2 s\)"):
        load_settings({"MIN_TYPING_DELAY": "5"}, Path("no.env"))
    assert load_settings({"MIN_TYPING_DELAY": "5", "MAX_TYPING_DELAY": "6"}, Path("no.env")).chat.max_typing_delay == 6
