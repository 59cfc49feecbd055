"""Frames: what arrives is JSON of a bounded size, within a bounded time, or nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from autograder.sandbox.frames import HEAD, MAX_FRAME, Channel, Closed, Flooded


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield Channel(here), there


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(HEAD, "big") + data


def test_a_frame_arrives_as_it_was_sent(ends: tuple[Channel, socket.socket]) -> None:
    channel, there = ends
    Channel(there).send({"a": [1, "ü", None]})
    Channel(there).send({"b": 2})
    assert channel.receive() == {"a": [1, "ü", None]}
    assert channel.receive() == {"b": 2}
    assert channel.received > 0


def test_half_a_frame_waits_for_the_other_half(ends: tuple[Channel, socket.socket]) -> None:
    channel, there = ends
    data = framed(b'{"a": 1}')
    there.sendall(data[:6])
    assert channel.receive(time.monotonic() + 0.05) is None
    there.sendall(data[6:])
    assert channel.receive(time.monotonic() + 1) == {"a": 1}


@pytest.mark.parametrize("data", [b"", b"nothing", b"[1]", b'"x"', b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_object_are_an_empty_frame(
    ends: tuple[Channel, socket.socket], data: bytes
) -> None:
    channel, there = ends
    there.sendall(framed(data))
    assert channel.receive(time.monotonic() + 1) == {}


def test_a_frame_that_is_too_large_is_refused_before_it_is_read(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, there = ends
    there.sendall((MAX_FRAME + 1).to_bytes(HEAD, "big"))
    with pytest.raises(Flooded):
        channel.receive(time.monotonic() + 1)


def test_an_end_that_has_gone_is_noticed(ends: tuple[Channel, socket.socket]) -> None:
    channel, there = ends
    there.close()
    with pytest.raises(Closed):
        channel.receive()
    with pytest.raises(Closed):
        channel.send({"x": "y" * 10**6})


def test_an_end_that_does_not_read_holds_nobody_up(ends: tuple[Channel, socket.socket]) -> None:
    channel, _ = ends
    begin = time.monotonic()
    with pytest.raises(Closed):
        channel.send({"x": "y" * 10**7}, seconds=0.1)
    assert time.monotonic() - begin < 5


def test_out_of_band_bytes_hold_nobody_up(ends: tuple[Channel, socket.socket]) -> None:
    """They make a socket readable; a read that waits would then wait for ever."""
    channel, there = ends
    there.send(b"x", socket.MSG_OOB)
    begin = time.monotonic()
    assert channel.receive(begin + 0.05) is None
    assert time.monotonic() - begin < 5
