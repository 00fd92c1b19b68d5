# SPDX-License-Identifier: Apache-2.0
"""The application's server: keeps what the webhook posts, and answers as the test says."""

import http.server
import json
import queue
import threading
import time

from support.ports import LOOPBACK

NOTICE_TIME = 15  # seconds; a loaded machine


class Webhook:
    """with Webhook() as webhook: server with webhook.url; notice = webhook.next()"""

    def __init__(self, status=200, body=b"{}", delay=0.0):
        self.status = status
        self.body = body
        self.delay = delay  # seconds before it answers
        self.headers = []
        self.connections = 0
        self._notices = queue.Queue()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one segment: else the body waits for a delayed ACK of the head

            def setup(self):
                owner.connections += 1
                super().setup()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.headers.append(dict(self.headers))
                # The notice comes when the answer is out, so that the next request can use this connection.
                if owner.delay:
                    owner._notices.put(json.loads(body))
                    time.sleep(owner.delay)
                self.send_response(owner.status)
                self.send_header("Content-Length", str(len(owner.body)))
                self.end_headers()
                self.wfile.write(owner.body)
                self.wfile.flush()
                if not owner.delay:
                    owner._notices.put(json.loads(body))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}/in"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next(self):
        return self._notices.get(timeout=NOTICE_TIME)

    def configuration(self, **more):
        """TOML for the server."""
        settings = {"urls": [self.url], **more}
        return "[handler]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
