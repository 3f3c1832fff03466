"""A person before Prefect's UI: Debian's Chromium without a screen, driven by Playwright."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, TimeoutError, expect, sync_playwright

FLAGS = (
    "--no-sandbox",  # it refuses to run as root with one, and sees our own pages only
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LIMIT_MS = 60_000
"""For a page: the UIs load megabytes of script, and machines are busy."""
ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1[:/])")
"""The newer UI asks a host that counts visits; it works without."""
GENERATIONS = {"v1": "", "v2": "/v2"}
"""Where the two UIs that a server offers side by side begin."""


@contextmanager
def chromium(folder: Path) -> Iterator[BrowserContext]:
    """A browser with a profile of its own that reaches this machine alone; the test is skipped where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium (Debian's package chromium), which is not here")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=program, args=list(FLAGS), viewport={"width": 1300, "height": 1000}
        )
        context.route(ELSEWHERE, lambda route: route.abort())
        context.set_default_timeout(LIMIT_MS)
        expect.set_options(timeout=LIMIT_MS)
        yield context
        context.close()


def _left(address: str) -> bool:
    return not urlsplit(address).path.endswith("/run")


class Form(NamedTuple):
    """The form of a deployment, in either UI."""

    page: Page

    @classmethod
    def at(cls, page: Page, address: str) -> "Form":
        """Open the form of a deployment."""
        page.goto(address, wait_until="commit")
        form = cls(page)
        form.field("Project").wait_for()
        return form

    def field(self, title: str) -> Locator:
        """The field of a title: the nearest box around its label that has an input."""
        named = f"normalize-space()='{title}' or normalize-space()='{title} (Optional)'"
        return self.page.locator(f"xpath=//*[self::span or self::label][{named}]/ancestor::div[.//fieldset][1]")

    def write(self, title: str, text: str) -> None:
        """Write into a text box."""
        self.field(title).locator("textarea").fill(text)

    def offered(self, title: str) -> list[str]:
        """What a drop-down offers; it stays open."""
        button, options = self.field(title).locator("fieldset button").first, self._options()
        button.focus()
        self.page.keyboard.press("ArrowDown")  # the older UI closes again what a click of a driven browser has opened
        if not options.count():
            button.click()
        options.first.wait_for()
        return [text.strip() for text in options.all_text_contents()]

    def choose(self, title: str, word: str) -> None:
        """Choose one of what a drop-down offers."""
        self.offered(title)
        self._options().filter(has_text=re.compile(rf"^\s*{word}\s*$")).click()
        self.shut(title)

    def shut(self, title: str) -> None:
        """Close a drop-down, which would take the next click for its own."""
        if self._options().count():
            self.field(title).locator("fieldset button").first.press("Escape")
        expect(self._options()).to_have_count(0)

    def submit(self) -> None:
        """Ask for the run."""
        self.page.get_by_role("button", name="Submit", exact=True).click()

    def submit_and_leave(self) -> None:
        """Ask for the run until the form is left: a drop-down that closes late may take a click for its own."""
        for _ in range(4):
            self.submit()
            with suppress(TimeoutError):
                self.page.wait_for_url(_left, wait_until="commit", timeout=LIMIT_MS / 2)
                return
        raise AssertionError("the form was not left: " + self.page.locator("body").inner_text()[-2000:])

    def _options(self) -> Locator:
        return self.page.locator("[role=option]:visible, .p-select-option:visible")
