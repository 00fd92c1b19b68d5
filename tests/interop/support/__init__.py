# SPDX-License-Identifier: Apache-2.0
"""What the interop tests share: the running server, its clients, and programs of others as far ends."""
