# SPDX-License-Identifier: Apache-2.0
"""JsSIP and SIP.js from the npm registry, each bundled with its page of tests/interop/browser_stacks."""

import functools
import os
import pathlib
import subprocess
import tempfile

from support.node_packages import node_packages

PAGES = pathlib.Path(__file__).resolve().parent.parent / "browser_stacks"
PACKAGES = ["jssip@3", "sip.js@0.21", "esbuild@0.21"]
BUNDLE_TIME = 60  # seconds


@functools.cache
def bundle(stack):
    """The script of a page: the stack ("jssip" or "sipjs") and the functions by which tests drive it."""
    modules = node_packages(*PACKAGES)
    with tempfile.TemporaryDirectory(prefix="patchbay-bundle-") as folder:
        file = pathlib.Path(folder, "page.js")
        subprocess.run([modules / ".bin" / "esbuild", PAGES / f"{stack}.mjs", "--bundle", "--format=iife", "--log-level=error",
                        "--define:global=window", f"--outfile={file}"], check=True, timeout=BUNDLE_TIME,
                       env={**os.environ, "NODE_PATH": str(modules)})
        return file.read_text(encoding="utf-8")
