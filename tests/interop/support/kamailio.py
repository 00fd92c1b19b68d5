# SPDX-License-Identifier: Apache-2.0
"""Kamailio 5.6 on loopback: a registrar, and a proxy that stays in the path (record-route)."""

import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from support.background import end
from support.ports import LOOPBACK, free_port, is_free

MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules/"
START_TIME = 20  # seconds; a loaded machine

CONFIG = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
listen=udp:{address}:{port}
listen=tcp:{address}:{port}
{tls_listen}
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
{dialog_module}
{tls_module}
{web_socket_modules}
modparam("rr", "enable_double_rr", 1)
modparam("usrloc", "db_mode", 0)
modparam("auth", "nonce_expire", {nonce_seconds})
modparam("registrar", "max_expires", {expires})

request_route {{
    xlog("L_NOTICE", "REQUEST $rm $ru by $proto\\n");
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    {web_socket_contact}
    if (has_totag()) {{
        {web_socket_target}
        if (loose_route()) {{
            t_relay();
        }} else if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
        }} else {{
            sl_send_reply("404", "Not Here");
        }}
        exit;
    }}
    t_check_trans();
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("{realm}", "{password}", "0")) {{
            www_challenge("{realm}", "0");
            exit;
        }}
        {web_socket_binding}
        save("location");
        exit;
    }}
    record_route();
    {dialog_start}
{routes}
    if (!lookup("location")) {{
        sl_send_reply("404", "Not Found");
        exit;
    }}
    t_relay();
}}

onreply_route {{
    xlog("L_NOTICE", "REPLY $rs $rm by $proto\\n");
    {web_socket_contact}
}}
{web_socket_route}
"""

# RFC 7118: a page has no address; it is reached by the connection that it came by, which its Contact names.
WEB_SOCKET = {
    "web_socket_modules": """\
loadmodule "xhttp.so"
loadmodule "websocket.so"
loadmodule "nathelper.so"
tcp_accept_no_cl=yes
modparam("nathelper|registrar", "received_avp", "$avp(received)")""",
    "web_socket_contact": 'if ($proto == "ws" && !is_method("REGISTER")) { add_contact_alias(); }',
    "web_socket_target": "handle_ruri_alias();",
    "web_socket_binding": 'if ($proto == "ws") { fix_nated_register(); }',
    "web_socket_route": """
event_route[xhttp:request] {
    if (ws_handle_handshake()) exit;
    xhttp_reply("404", "Not Found", "", "");
}
""",
}

TLS_MODULE = """\
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
"""


class Kamailio:
    """with Kamailio({"phone": "127.0.0.1:5080"}) as proxy: call proxy.uri("phone")

    `routes` says where a user is; every other user is looked for among those who registered with `password`.
    With `dialogs` it keeps the state of every call. A route may add ";transport=tcp". With `tls`, paths of a certificate
    and its key, it serves TLS on `tls_port` as well; with `web_sockets` pages on `port`.
    """

    def __init__(self, routes=None, password="secret", nonce_seconds=300, expires=3600, dialogs=False, tls=None,
                 web_sockets=False):
        if shutil.which("kamailio") is None:
            raise unittest.SkipTest("Kamailio is not installed (tools/packages install interop)")
        if tls is not None and not pathlib.Path(MODULES, "tls.so").exists():
            raise unittest.SkipTest("Kamailio's TLS is not installed (tools/packages install interop)")
        if web_sockets and not pathlib.Path(MODULES, "websocket.so").exists():
            raise unittest.SkipTest("Kamailio's WebSocket is not installed (tools/packages install interop)")
        self._web_sockets = {name: text if web_sockets else "" for name, text in WEB_SOCKET.items()}
        self.port = free_port()
        self.tls_port = free_port()
        self.realm = "patchbay.test"
        self.password = password
        self._dialogs = {"dialog_module": 'loadmodule "dialog.so"' if dialogs else "",
                         "dialog_start": "dlg_manage();" if dialogs else ""}
        self._tls = {"tls_listen": f"enable_tls=yes\nlisten=tls:{LOOPBACK}:{self.tls_port}" if tls else "",
                     "tls_module": TLS_MODULE.format(certificate=tls[0], key=tls[1]) if tls else ""}
        self._limits = {"nonce_seconds": nonce_seconds, "expires": expires}
        self._routes = routes or {}
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-kamailio-")
        self.process = None

    def __enter__(self):
        folder = pathlib.Path(self._folder.name)
        routes = "".join(f'    if ($rU == "{user}") {{ $du = "sip:{place}"; t_relay(); exit; }}\n'
                         for user, place in self._routes.items())
        (folder / "kamailio.cfg").write_text(CONFIG.format(address=LOOPBACK, port=self.port, modules=MODULES, routes=routes,
                                                           realm=self.realm, password=self.password,
                                                           **self._limits, **self._dialogs, **self._tls,
                                                           **self._web_sockets))
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(["kamailio", "-f", folder / "kamailio.cfg", "-DD", "-E", "-m", "32", "-M", "4",
                                             "-Y", folder, "-P", folder / "pid", "-w", folder], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline and self.process.poll() is None:
            if not is_free(self.port, LOOPBACK, socket.SOCK_DGRAM) and not is_free(self.port, LOOPBACK, socket.SOCK_STREAM):
                return self
            time.sleep(0.05)
        log = self.log()
        self.__exit__()
        raise RuntimeError(f"Kamailio did not start:\n{log[-4000:]}")

    def __exit__(self, *_):
        end(self.process)
        self._folder.cleanup()

    def place(self, transport="udp"):
        port = self.tls_port if transport == "tls" else self.port
        return f"{LOOPBACK}:{port}" + (f";transport={transport}" if transport != "udp" else "")

    def uri(self, user, transport="udp"):
        return f"sip:{user}@{self.place(transport)}"

    def log(self):
        return pathlib.Path(self._folder.name, "log").read_text(errors="replace")

    def requests(self):
        """(method, transport) of every request that came by, in order, repeats included"""
        return re.findall(r"REQUEST (\w+) \S+ by (\w+)", self.log())
