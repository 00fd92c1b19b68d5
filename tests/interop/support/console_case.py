# SPDX-License-Identifier: Apache-2.0
"""Tests of the console: its pages, and the call that Talk makes."""

import json

from support.page_case import PageCase


def logged(name, kind="event"):
    """A JavaScript expression: whether the list of events shows this."""
    return f"document.querySelector('.log .{kind}-{name}') !== null"


IN_CALL = "document.querySelector('#state').textContent.startsWith('In a call')"
OVER = "document.querySelector('#state').textContent.startsWith('The call has ended')"


class ConsoleCase(PageCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        await self.go("talk")

    async def open(self, place=None):
        page = await super().open()
        if place:
            await self.go(place, page)
        return page

    async def go(self, place, page=None):
        page = page or self.page
        await page.run(f"location.hash = {json.dumps('#' + place)}")
        await page.until("document.querySelector('#page h1') !== null")

    async def call(self, callee):
        """Talk is in a call afterwards."""
        await self.fill("[name=callee]", callee)
        await self.press("Call")
        await self.page.until(IN_CALL)

    async def open_call(self, shown):
        """A second page with the call in progress whose row in Watch says this."""
        watcher = await self.open("watch")
        link = f"[...document.querySelectorAll('tr[data-state=answered]')].find((one) => one.textContent.includes({json.dumps(shown)}))?.querySelector('a')"
        await watcher.until(f"{link} !== undefined")
        await watcher.run(f"{link}.click()")
        await watcher.until("document.querySelector('.figures')?.textContent.includes('answered')")
        return watcher
