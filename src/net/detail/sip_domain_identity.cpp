// SPDX-License-Identifier: Apache-2.0
#include "net/detail/sip_domain_identity.hpp"

#include "base/address.hpp"
#include "base/text.hpp"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace patchbay::net::detail {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)>;

Names alternative_names(const x509_st& certificate) {
    return {static_cast<GENERAL_NAMES*>(
                X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
            GENERAL_NAMES_free};
}

std::string_view text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// The domain of "sip:example.com"; nothing for a user's URI, or one of another scheme ("sips:" is
// not a domain's identity either).
std::string domain_of(std::string_view uri) {
    constexpr std::string_view kScheme = "sip:";
    if (!starts_with_ignoring_case(uri, kScheme) || uri.find('@') != std::string_view::npos) {
        return {};
    }
    uri.remove_prefix(kScheme.size());
    return to_lower(uri.substr(0, uri.find_first_of(":;?")));
}

std::vector<std::string> common_names(const x509_st& certificate) {
    std::vector<std::string> names;
    const X509_NAME* const subject = X509_get_subject_name(&certificate);
    for (int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) {
        names.push_back(
            to_lower(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
    }
    return names;
}

bool holds_address(const x509_st& certificate, const IpAddress& address) {
    const Names names = alternative_names(certificate);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_IPADD && text_of(name->d.iPAddress) == as_text(address.bytes())) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::string> sip_domain_identities(const x509_st& certificate) {
    const Names names = alternative_names(certificate);
    if (!names) {
        return common_names(certificate);
    }
    std::vector<std::string> domains;
    std::vector<std::string> hosts;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            hosts.push_back(to_lower(text_of(name->d.dNSName)));
        } else if (name->type == GEN_URI) {
            if (auto domain = domain_of(text_of(name->d.uniformResourceIdentifier));
                !domain.empty()) {
                domains.push_back(std::move(domain));
            }
        }
    }
    return domains.empty() ? hosts : domains;
}

bool is_sip_domain(const x509_st& certificate, std::string_view name) {
    if (const auto address = IpAddress::parse(name)) {
        return holds_address(certificate, *address);
    }
    // "*.example.com" equals no name that a URI can hold, so wildcards match nothing.
    const auto domains = sip_domain_identities(certificate);
    return !name.empty() && std::ranges::find(domains, to_lower(name)) != domains.end();
}

}  // namespace patchbay::net::detail
