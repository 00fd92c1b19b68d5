# SPDX-License-Identifier: Apache-2.0
"""The application's server: keeps what the webhook posts, and answers as the test says."""

import json
import queue
import time

from support.http_double import Handler, HttpDouble
from support.ports import LOOPBACK

NOTICE_TIME = 15  # seconds; a loaded machine


class Webhook(HttpDouble):
    """with Webhook() as webhook: server with webhook.url; notice = webhook.next()"""

    def __init__(self, status=200, body=b"{}", delay=0.0):
        self.status = status
        self.body = body
        self.delay = delay  # seconds before it answers
        self.headers = []
        self.connections = 0
        self._notices = queue.Queue()
        owner = self

        class Answering(Handler):
            def setup(self):
                owner.connections += 1
                super().setup()

            def do_POST(self):
                body = self.body()
                owner.headers.append(dict(self.headers))
                # The notice comes when the answer is out, so that the next request can use this connection.
                if owner.delay:
                    owner._notices.put(json.loads(body))
                    time.sleep(owner.delay)
                self.answer(owner.status, owner.body)
                if not owner.delay:
                    owner._notices.put(json.loads(body))

        super().__init__(Answering)
        self.url = f"http://{LOOPBACK}:{self.port}/in"

    def next(self):
        return self._notices.get(timeout=NOTICE_TIME)

    def configuration(self, **more):
        """TOML for the server."""
        settings = {"urls": [self.url], **more}
        return "[handler]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
