# SPDX-License-Identifier: Apache-2.0
"""Run in a network namespace of its own: a server on all addresses, a client that is not on loopback.

Prints the statuses that the client got, as JSON.
"""

import asyncio
import json
import subprocess

import websockets

from support.server import Server

STRANGER = "192.0.2.1"  # an address of this namespace; who connects to it comes from it


async def upgrade(server, token=None):
    query = f"&token={token}" if token else ""
    try:
        async with websockets.connect(f"ws://{STRANGER}:{server.http_port}/call/sip?pingInterval=0{query}"):
            return 101
    except websockets.InvalidStatusCode as refused:
        return refused.status_code


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def main():
    for command in (["link", "set", "lo", "up"], ["address", "add", f"{STRANGER}/32", "dev", "lo"]):
        subprocess.run(["ip", *command], check=True)
    with Server(http=None, configuration='http_addr = "0.0.0.0:{http_port}"\n') as server:
        token = (server.data / "token").read_text().strip()

        def status(path, method="GET", address=STRANGER, **options):
            return server.request(method, path, address=address, **options)[0]

        print(json.dumps({
            "health": status("/health"),
            "nothing": status("/call/lists"),
            "wrong": status("/call/lists", headers=bearer("x" * len(token))),
            "bearer": status("/call/lists", headers=bearer(token)),
            "query": status(f"/call/lists?token={token}"),
            "websocket without": asyncio.run(upgrade(server)),
            "websocket with": asyncio.run(upgrade(server, token)),
            "kill without": status("/call/kill/x", method="POST"),
            "loopback without": status("/call/lists", address="127.0.0.1"),
            "loopback with a wrong one": status("/call/lists", address="127.0.0.1", headers=bearer("wrong")),
        }))


if __name__ == "__main__":
    main()
