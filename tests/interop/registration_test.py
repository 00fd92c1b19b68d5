# SPDX-License-Identifier: Apache-2.0
"""The server as a user of others: it registers there, says how that goes, and takes the calls that come for it."""

import json
import time
import unittest

from support.dns_server import NAPTR, DnsServer
from support.phone import Phone
from support.ports import LOOPBACK
from support.registrar import REALM, Registrar
from support.server import Server

PATIENCE = 20  # seconds; a loaded machine


class RegistrationTest(unittest.TestCase):
    def await_state(self, server, state):
        deadline = time.monotonic() + PATIENCE
        while True:
            accounts = server.get_json("/health").get("registrations", [])
            if accounts and all(account["state"] == state for account in accounts):
                return accounts
            self.assertLess(time.monotonic(), deadline, json.dumps(accounts))
            time.sleep(0.05)

    def test_an_account_registers_takes_calls_and_leaves(self):
        with Registrar("acct", "wonder") as registrar:
            configuration = f"""
[[registration]]
registrar = "sip:{LOOPBACK}:{registrar.port}"
user = "4930"
username = "acct"
password = "wonder"
name = "line"
[[route]]
name = "line"
callee = "4930"
to = "echo"
"""
            with Server(shards=2, configuration=configuration) as server:
                account = self.await_state(server, "registered")[0]
                self.assertEqual((account["name"], account["status"], account["failures"]), ("line", 200, 0))
                self.assertEqual(server.metric("patchbay_registration_up"), 1)
                self.assertIn(f"<sip:4930@{LOOPBACK}:{server.sip_port}>", registrar.contacts[0][0])
                with Phone(server) as phone:
                    self.assertEqual(phone.call("4930"), 200)
                    self.assertEqual(phone.hang_up(), 200)
            deadline = time.monotonic() + PATIENCE
            while registrar.contacts[-1][1] != 0:
                self.assertLess(time.monotonic(), deadline, "the binding was not taken back")
                time.sleep(0.05)

    def test_what_fails_is_visible(self):
        with Registrar("acct", "another password") as registrar:
            configuration = f"""
[[registration]]
registrar = "sip:{LOOPBACK}:{registrar.port}"
user = "4930"
password = "wonder"
"""
            with Server(shards=2, configuration=configuration) as server:
                account = self.await_state(server, "failing")[0]
                self.assertEqual((account["status"], account["failures"]), (401, 1))
                self.assertEqual(server.metric("patchbay_registration_up"), 0)

    def test_the_next_server_serves_when_one_is_in_trouble(self):
        with Registrar("4930", "wonder") as first, Registrar("4930", "wonder") as second:
            first.broken = True
            configuration = f"""
[[registration]]
registrar = "sip:{REALM}"
user = "4930"
password = "wonder"
servers = ["sip:{LOOPBACK}:{first.port}", "sip:{LOOPBACK}:{second.port}"]
"""
            with Server(shards=2, configuration=configuration) as server:
                self.await_state(server, "registered")
            self.assertTrue(second.contacts)

    def test_the_outbound_proxy_serves_an_account_that_names_no_server(self):
        """RFC 3261 8.1.2: the REGISTER goes to the proxy, with the proxy in its Route and the registrar in its first line."""
        with Registrar("4930", "wonder") as proxy, Registrar("4931", "wonder") as direct:
            configuration = f"""
outbound_proxy = "sip:{LOOPBACK}:{proxy.port}"
[[registration]]
registrar = "sip:{REALM}"
user = "4930"
password = "wonder"
[[registration]]
registrar = "sip:{REALM}"
user = "4931"
password = "wonder"
servers = ["sip:{LOOPBACK}:{direct.port}"]
"""
            with Server(shards=2, configuration=configuration) as server:
                self.await_state(server, "registered")
            self.assertEqual(set(proxy.requests), {f"REGISTER sip:{REALM} SIP/2.0"})
            self.assertEqual(set(proxy.routes), {f"<sip:{LOOPBACK}:{proxy.port};lr>"})
            self.assertEqual(direct.routes, [])
            self.assertTrue(direct.contacts)

    def test_a_registrar_is_found_by_the_dns(self):
        """RFC 3263 4: NAPTR names the transport, SRV the ports; the next one serves when the first does not."""
        with Registrar("4930", "wonder") as broken, Registrar("4930", "wonder") as registrar, DnsServer() as dns:
            broken.broken = True
            dns.naptr("carrier.test", "SIP+D2U", "_sip._udp.carrier.test")
            dns.srv("_sip._udp.carrier.test", broken.port, "a.carrier.test", priority=1)
            dns.srv("_sip._udp.carrier.test", registrar.port, "b.carrier.test", priority=2)
            dns.address("a.carrier.test", LOOPBACK)
            dns.address("b.carrier.test", LOOPBACK)
            configuration = f"""
dns_servers = "{LOOPBACK}:{dns.port}"
[[registration]]
registrar = "sip:carrier.test"
user = "4930"
password = "wonder"
"""
            with Server(shards=2, configuration=configuration) as server:
                self.await_state(server, "registered")
            self.assertEqual(dns.count(NAPTR, "carrier.test"), 1)
            self.assertEqual(broken.requests, ["REGISTER sip:carrier.test SIP/2.0"])
            self.assertTrue(registrar.contacts)

    def test_a_registrar_whose_name_leads_nowhere_is_visible(self):
        with DnsServer() as dns:
            configuration = f"""
dns_servers = "{LOOPBACK}:{dns.port}"
[[registration]]
registrar = "sip:nowhere.test"
user = "4930"
"""
            with Server(shards=2, configuration=configuration) as server:
                account = self.await_state(server, "failing")[0]
                self.assertEqual((account["status"], account["failures"]), (503, 1))


if __name__ == "__main__":
    unittest.main()
