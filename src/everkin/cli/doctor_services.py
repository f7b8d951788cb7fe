"""Checks of `everkin doctor` on models, Redis, Chroma and the running server. Every request has a time limit."""

import dataclasses

import aiohttp

from everkin.cli.findings import Finding, ok, problem, warning
from everkin.cli.running import ask_running, running_url
from everkin.cli.server import bind
from everkin.domain.errors import EverkinError, ModelMissing, StartError
from everkin.kit.clock import SystemClock
from everkin.llm.providers.http import new_session
from everkin.llm.providers.presets import PRESETS
from everkin.llm.registry.discovery import Discovery
from everkin.llm.registry.endpoints import Endpoints
from everkin.llm.registry.registry import ModelRegistry, RegistryConfig
from everkin.settings import Settings
from everkin.wiring.memory import CHROMA_SECONDS, make_embedder

PATIENCE = aiohttp.ClientTimeout(total=10)


async def check_model(settings: Settings) -> list[Finding]:
    """Check the model that would answer. A provider is asked for its list of models, which is free."""
    config = RegistryConfig.of(dataclasses.asdict(settings.model), settings.storage.data)
    async with new_session() as session:
        registry = ModelRegistry(config, session, SystemClock())
        try:
            await registry.entries()
            current = registry.plan().current
            if current.state == "pullable":
                return [
                    warning(
                        "model", f"{current.name} is not here yet. `everkin models pull {current.name}` fetches it."
                    )
                ]
            if current.state != "ready":
                return [
                    problem("model", f"{current.name} cannot speak. {current.note} `everkin models list` shows others.")
                ]
            if current.name.partition(":")[0] not in PRESETS:
                return [ok("model", f"{current.name} is ready.")]
            return [await _reached(session, config, current.name)]
        except EverkinError as error:
            return [problem("model", error.sentence)]
        finally:
            await registry.close()


async def check_embedder(settings: Settings) -> list[Finding]:
    wanted = settings.memory.embedder
    if not settings.memory.enabled:
        return [ok("memory", "Off (MEMORY_ENABLED).")]
    if wanted == "none":
        return [ok("embedder", "None: memories are found by their words.")]
    async with new_session() as session:
        try:
            embedder = make_embedder(settings, session)
            if embedder is None:
                return [
                    warning("embedder", "It is not installed; memories are found by words. `make run` installs it.")
                ]
            if wanted != "local":
                await embedder.embed(["everkin doctor"])
            return [ok("embedder", f"{embedder.name} compares memories."), *await _index(settings, embedder.name)]
        except EverkinError as error:
            return [problem("embedder", error.sentence)]


async def check_redis(settings: Settings) -> list[Finding]:
    if not settings.cache.redis_url:
        return []
    if not settings.cache.redis_enabled:
        return [ok("redis", "REDIS_URL is set and left alone (REDIS_ENABLED=false).")]
    try:
        from redis.asyncio import Redis
        from redis.exceptions import RedisError
    except ImportError:
        return [problem("redis", "REDIS_URL is set, but the driver is missing: pip install 'everkin[redis]'.")]
    seconds = settings.cache.redis_timeout_ms / 1000
    try:
        client = Redis.from_url(settings.cache.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds)
        async with client:
            await client.ping()
    except (RedisError, OSError, ValueError) as error:
        return [problem("redis", f"It does not answer ({type(error).__name__}). Check that it runs, and REDIS_URL.")]
    return [ok("redis", "It answers.")]


async def check_server(settings: Settings, *, current_schema: bool) -> list[Finding]:
    """Check the running server. `current_schema`: whether the database has this version's schema; asking as the owner
    would migrate another one."""
    url = await running_url(settings)
    if url is None:
        return [_port(settings)]
    if not current_schema:
        return [warning("server", f"It runs at {url}, with another version of Everkin than this one. Start it again.")]
    if not settings.auth.jwt_secret and not (settings.storage.data / "secret.key").exists():
        return [
            warning("server", f"It runs at {url} with a JWT_SECRET. Set the same one here to ask it for its health.")
        ]
    try:
        health = await ask_running(settings, "GET", "health", None, {})
    except EverkinError as error:
        return [
            problem("server", f"{url} answers, but not to the owner: {error.sentence} Is JWT_SECRET the same here?")
        ]
    findings = [ok("server", f"It runs at {url}.")]
    for name, part in health["parts"].items():
        if part["condition"] != "ok":
            tell = problem if part["condition"] == "down" else warning
            findings.append(tell(f"server: {name}", part["note"] or f"It is {part['condition']}."))
    return findings


async def _reached(session: aiohttp.ClientSession, config: RegistryConfig, name: str) -> Finding:
    try:
        endpoint = Endpoints(config, Discovery(session, ())).for_each_key(name)[0]
    except ModelMissing as error:
        return problem("model", error.sentence)
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    place = f"{endpoint.base_url.rstrip('/')}/models"
    try:
        async with session.get(place, headers=headers, timeout=PATIENCE, allow_redirects=False) as response:
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        return problem("model", f"{name}: {endpoint.base_url} does not answer ({type(error).__name__}). Is it running?")
    if status in (401, 403):
        return problem("model", f"{name}: {endpoint.title} refuses the key. Check {endpoint.key_env}.")
    if status >= 500:
        return problem("model", f"{name}: {endpoint.base_url} answers with {status}. Try again later.")
    if status != 200:
        return warning(
            "model", f"{name}: {endpoint.base_url} has no list of models ({status}); `everkin models try` asks it."
        )
    return ok("model", f"{name} answers at {endpoint.base_url}.")


async def _index(settings: Settings, embedder: str) -> list[Finding]:
    """Check the vector index. A Chroma server is contacted; the folder of an embedded one belongs to the running server
    and is not opened."""
    wanted = settings.memory.vector_index.strip()
    if wanted == "exact":
        return []
    from everkin.storage.chroma.clients import driver
    from everkin.storage.chroma.index import open_server

    try:
        driver()
        if wanted == "chroma":
            return [ok("index", f"Chroma in {settings.storage.data / 'chroma'}.")]
        index = open_server(wanted, embedder, CHROMA_SECONDS)
    except StartError as error:
        return [problem("index", error.sentence)]
    try:
        await index.ping()
    except EverkinError:
        return [problem("index", f"Chroma at {wanted} does not answer. Start it, or set VECTOR_INDEX=exact.")]
    finally:
        await index.close()
    return [ok("index", f"Chroma at {wanted} answers.")]


def _port(settings: Settings) -> Finding:
    """Check whether a server could listen, when none runs on this folder."""
    try:
        bind(settings.server.host, settings.server.port).close()
    except StartError as error:
        return problem("server", f"None runs on this folder. {error.sentence}")
    return ok("server", "None runs on this folder; `everkin serve` starts one.")
