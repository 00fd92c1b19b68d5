// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

// Digest authentication (RFC 7616, RFC 8760) once more, apart from the server's own: what both get
// wrong in the same way no test would find.
namespace patchbay::lab::meta {

enum class Algorithm : std::uint8_t { Md5, Sha256 };

// "MD5", "SHA-256"
std::string_view to_string(Algorithm algorithm);

// The parameters of a challenge or of credentials by lower-case name, without quotes; "scheme" is
// the first word.
using DigestFields = std::map<std::string, std::string, std::less<>>;
DigestFields read_digest(std::string_view header);

// What both sides compute, with qop=auth.
struct DigestInput {
    Algorithm algorithm = Algorithm::Md5;
    std::string_view user;
    std::string_view realm;
    std::string_view password;
    std::string_view method;
    std::string_view uri;
    std::string_view nonce;
    std::string_view count = "00000001";
    std::string_view client_nonce;
};
std::string digest_response(const DigestInput& input);

}  // namespace patchbay::lab::meta
