// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace patchbay::net::detail {

// The SIP domains that a certificate speaks for (RFC 5922 7.1), lower case: its "sip:" URIs without
// user; else its DNS names; else, in a certificate without alternative names, its common name.
std::vector<std::string> sip_domain_identities(const x509_st& certificate);

// Whether it speaks for this domain, whole and without wildcards (RFC 5922 7.2), or, where `name`
// is an address, holds that address.
bool is_sip_domain(const x509_st& certificate, std::string_view name);

}  // namespace patchbay::net::detail
