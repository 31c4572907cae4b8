"""A real SMS gateway on this machine, for tests: it speaks HTTP and honours idempotency keys."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class GatewayServer(ThreadingHTTPServer):
    """`tries` holds every request, `sent` what went out: once for each key.

    `answers` are the statuses of the next requests, in order; afterwards it is 200. A status of 0
    sends the message and hangs up without an answer, as a broken line does.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tries: list[dict] = []
        self.sent: dict[str, dict] = {}
        self.answers: list[int] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sms"

    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent.values()]

    def handle_error(self, request, client_address) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        with self.server.lock:
            self.server.tries.append({"headers": dict(self.headers), **body})
            status = self.server.answers.pop(0) if self.server.answers else 200
            if status in (0, 200):
                self.server.sent.setdefault(key, body)
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format, *args) -> None:
        pass


@contextmanager
def gateway_server():
    """A running `GatewayServer`, stopped at the end."""
    with GatewayServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
