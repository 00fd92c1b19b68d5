# SPDX-License-Identifier: Apache-2.0
"""Playwright for Python, from PyPI. It goes into the build folder, once, and never into the tree; its own browsers are not fetched."""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

VERSION = "1.65.2"
INSTALL_TIME = 180  # seconds


@functools.cache
def playwright():
    """The module playwright.async_api; a test that cannot have it is skipped and says why."""
    folder = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")).resolve() / "interop" / "python"
    libraries = folder / f"playwright-{VERSION}"
    if not libraries.is_dir():
        fetch(folder, libraries)
    sys.path.append(str(libraries))
    from playwright import async_api
    return async_api


def fetch(folder, libraries):
    folder.mkdir(parents=True, exist_ok=True)
    half = tempfile.mkdtemp(dir=folder)  # another test file may fetch it at the same time
    try:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
                        "--timeout", "10", "--only-binary", ":all:", "--target", half, f"playwright=={VERSION}"],
                       check=True, capture_output=True, timeout=INSTALL_TIME)
        os.rename(half, libraries)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(half, ignore_errors=True)
        if not libraries.is_dir():
            raise unittest.SkipTest(f"Playwright cannot be fetched from PyPI: {error}") from None
