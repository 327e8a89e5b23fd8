"""Load without wrk: two processes, each with its share of the kept-alive connections."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from dataclasses import dataclass, field

from bench.load import TIMEOUT, Plan, Sample, WrongAnswer, complain

PROCESSES = 2


@dataclass
class _Tally:
    requests: int = 0
    wrong: int = 0
    used: int = 0
    example: str = ""
    seconds: float = 0.0
    #: In seconds, one for each answer.
    waits: list[float] = field(default_factory=list)


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


def run(plan: Plan, seconds: float, connections: int) -> Sample:
    """A plan whose requests count once is shared out; others are taken by each from its start."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        jobs = [(plan, number, seconds, connections // PROCESSES) for number in range(PROCESSES)]
        tallies: list[_Tally] = pool.starmap_async(_drive, jobs).get(seconds + 3 * TIMEOUT)
    wrong = sum(tally.wrong for tally in tallies)
    example = next((tally.example for tally in tallies if tally.example), "")
    used = max(tally.used for tally in tallies) * PROCESSES
    complain(plan, wrong, 0, example, used)
    waits = sorted(wait for tally in tallies for wait in tally.waits)
    if not waits:
        raise WrongAnswer("no answer at all")
    return Sample(
        requests=len(waits),
        seconds=max(tally.seconds for tally in tallies),
        p50=waits[len(waits) // 2] * 1000,
        p99=waits[len(waits) * 99 // 100] * 1000,
    )


def _drive(plan: Plan, number: int, seconds: float, connections: int) -> _Tally:
    mine = [request.raw(plan.host) for request in plan.requests[number::PROCESSES]]
    mine = mine or [plan.requests[0].raw(plan.host)]
    texts = [text.encode() for text in plan.texts]
    tally, chooser = _Tally(), selectors.DefaultSelector()
    for _ in range(connections):
        opened = socket.create_connection(("127.0.0.1", plan.port), TIMEOUT)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(opened)
        chooser.register(opened, selectors.EVENT_READ, connection)
        _send(connection, mine, tally)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        for key, _events in chooser.select(timeout=TIMEOUT):
            if _receive(key.data):
                _judge(key.data, plan, texts, tally)
                _send(key.data, mine, tally)
    tally.seconds = time.perf_counter() - start
    for key in list(chooser.get_map().values()):
        key.data.socket.close()
    return tally


def _send(connection: _Connection, requests: list[bytes], tally: _Tally) -> None:
    connection.received, connection.sent_at = b"", time.perf_counter()
    connection.socket.sendall(requests[tally.used % len(requests)])
    tally.used += 1


def _receive(connection: _Connection) -> bool:
    """Whether the whole answer is here."""
    data = connection.socket.recv(262_144)
    if not data:
        raise WrongAnswer("the server closed a connection")
    connection.received += data
    head, gap, body = connection.received.partition(b"\r\n\r\n")
    return bool(gap) and len(body) >= _length(head)


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        raise WrongAnswer("an answer without a length")
    return int(lower[at + 15 :].split(b"\r\n", 1)[0])


def _judge(connection: _Connection, plan: Plan, texts: list[bytes], tally: _Tally) -> None:
    tally.waits.append(time.perf_counter() - connection.sent_at)
    answer = connection.received
    is_right = int(answer[9:12]) == plan.status and all(text in answer for text in texts)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    is_encoded = f"content-encoding: {plan.encoding}".encode() in head
    if not is_right or is_encoded != bool(plan.encoding):
        tally.wrong += 1
        tally.example = tally.example or answer[:400].decode(errors="replace")
