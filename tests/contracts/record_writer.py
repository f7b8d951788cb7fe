"""A process that writes until it is killed, and says of each message that it was acknowledged."""

import asyncio
import sys
from pathlib import Path

from everkin.storage.sql.record import open_record
from tests.contracts.record_scene import Scene


async def main(folder: Path) -> None:
    async with open_record("", folder) as record:
        scene = await Scene.set_up(record)
        conversations = [scene.conversation, *[await scene.begin() for _ in range(4)]]

        async def write(number: int) -> None:
            while True:
                message = (await scene.say("x" * 300, conversation=conversations[number % 5])).message
                sys.stdout.write(f"{message.conversation_id} {message.id} {message.seq}\n")
                sys.stdout.flush()

        await asyncio.gather(*(write(number) for number in range(20)))


asyncio.run(main(Path(sys.argv[1])))
