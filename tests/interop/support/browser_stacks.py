# SPDX-License-Identifier: Apache-2.0
"""JsSIP and SIP.js from the npm registry, each bundled with its page of tests/interop/browser_stacks."""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PAGES = pathlib.Path(__file__).resolve().parent.parent / "browser_stacks"
PACKAGES = ["jssip@3", "sip.js@0.21", "esbuild@0.21"]
INSTALL_TIME = 180  # seconds
BUNDLE_TIME = 60


@functools.cache
def _packages():
    """The folder with node_modules in the build folder, filled once; a test that cannot have it is skipped."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"{program} is not installed")
    folder = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")).resolve() / "interop" / "node"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, *PACKAGES], cwd=folder,
                           check=True, capture_output=True, timeout=INSTALL_TIME)
        except (subprocess.SubprocessError, OSError) as error:
            raise unittest.SkipTest(f"npm cannot install {', '.join(PACKAGES)}: {error}") from None
        (folder / "complete").touch()
    return folder


@functools.cache
def bundle(stack):
    """The script of a page: the stack ("jssip" or "sipjs") and the functions by which tests drive it."""
    modules = _packages() / "node_modules"
    with tempfile.TemporaryDirectory(prefix="patchbay-bundle-") as folder:
        file = pathlib.Path(folder, "page.js")
        subprocess.run([modules / ".bin" / "esbuild", PAGES / f"{stack}.mjs", "--bundle", "--format=iife", "--log-level=error",
                        "--define:global=window", f"--outfile={file}"], check=True, timeout=BUNDLE_TIME,
                       env={**os.environ, "NODE_PATH": str(modules)})
        return file.read_text(encoding="utf-8")
