# SPDX-License-Identifier: Apache-2.0
"""An HTTP server on loopback, in threads of its own, that the doubles of other people's servers are made of."""

import http.server
import threading

from support.ports import LOOPBACK


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: else the body waits for a delayed ACK of the head

    def body(self):
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class HttpDouble:
    """Serves with a handler class while it is entered; `port` is known before."""

    def __init__(self, handler):
        self._server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.port = self._server.server_port

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
