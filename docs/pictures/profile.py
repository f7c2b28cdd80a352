"""Draw ``profile.png``, the profile page as the README shows it; needs Debian's chromium."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from cfuforge import profile

PICTURE = Path(__file__).with_suffix(".png")
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Open the page of keyword spotting on engine, and save its first screen."""
    found = profile(cfu="engine")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "profile.html"
        found.save_page(page_file)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
        page.goto(page_file.as_uri())
        expect(page.locator("[aria-busy]")).to_have_count(0, timeout=60_000)  # all is drawn
        seen = page.screenshot()
        browser.close()
    picture = Image.open(io.BytesIO(seen)).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
