"""Requests per second of a page, as gunicorn serves it, and of the bare view."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

GUNICORN = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "error"]
CONNECTIONS = 8


@contextmanager
def serving(application: str) -> Iterator[int]:
    """gunicorn with the platform's own settings on a free port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}", application]
    server = subprocess.Popen(command, env=os.environ)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(port: int, server: subprocess.Popen) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("gunicorn did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn does not answer")


def requests_per_second(port: int, path: str, *, seconds: float = 3.0) -> float:
    """Answers per second over eight keep-alive connections, from one process beside the server.

    Sends what a browser sends (it accepts gzip). Any status but 200 is an error.
    """
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n"
        "Accept-Encoding: gzip, deflate\r\nAccept-Language: zh-CN\r\n\r\n"
    ).encode()
    _fetch(port, request, time.monotonic() + 0.5, [0])  # warm
    counts = [[0] for _ in range(CONNECTIONS)]
    end = time.monotonic() + seconds
    started = time.monotonic()
    threads = [threading.Thread(target=_fetch, args=(port, request, end, count)) for count in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(count for [count] in counts) / (time.monotonic() - started)


def _fetch(port: int, request: bytes, end: float, count: list[int]) -> None:
    connection, buffer = socket.create_connection(("127.0.0.1", port)), b""
    while time.monotonic() < end:
        connection.sendall(request)
        buffer, closed = _one_answer(connection, buffer)
        count[0] += 1
        if closed:
            connection.close()
            connection, buffer = socket.create_connection(("127.0.0.1", port)), b""
    connection.close()


def _one_answer(connection: socket.socket, buffer: bytes) -> tuple[bytes, bool]:
    """Read one whole answer; what follows it, and whether the server closes the connection."""
    while b"\r\n\r\n" not in buffer:
        buffer += _received(connection)
    head, _, rest = buffer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head[:60].decode("latin-1"))
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:  # a bare view says no length
        while not rest.endswith(b"0\r\n\r\n"):
            rest += _received(connection)
        return b"", b"connection: close" in lower
    length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
    while len(rest) < length:
        rest += _received(connection)
    return rest[length:], b"connection: close" in lower


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise RuntimeError("the server closed the connection")
    return part
