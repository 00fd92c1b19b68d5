# SPDX-License-Identifier: Apache-2.0
"""Packages of the npm registry that only tests need. They go into the build folder, once, and never into the tree."""

import functools
import os
import pathlib
import shutil
import subprocess
import unittest

INSTALL_TIME = 180  # seconds


@functools.cache
def node_packages(*packages):
    """The folder `node_modules` with these packages; a test that cannot have them is skipped and says why."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"{program} is not installed")
    name = "-".join(package.split("@")[0] for package in packages)
    folder = pathlib.Path(os.environ.get("PATCHBAY_BUILD", "build/test")).resolve() / "interop" / "node" / name
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, *packages], cwd=folder,
                           check=True, capture_output=True, timeout=INSTALL_TIME)
        except (subprocess.SubprocessError, OSError) as error:
            raise unittest.SkipTest(f"npm cannot install {', '.join(packages)}: {error}") from None
        (folder / "complete").touch()
    return folder / "node_modules"
