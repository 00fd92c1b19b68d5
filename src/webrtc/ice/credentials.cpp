// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/credentials.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

// The grammar knows ALPHA / DIGIT / "+" / "/"; some stacks use the URL-safe base64 characters and
// are understood everywhere.
bool is_credential(std::string_view text, std::size_t shortest) {
    return text.size() >= shortest && text.size() <= limits::kCredentialLongest &&
           std::ranges::all_of(text, [](char c) {
               return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '-' || c == '_' ||
                      c == '=';
           });
}

}  // namespace

IceCredentials IceCredentials::make(Random& random, std::string_view prefix) {
    return {std::string(prefix) + random.token(limits::kOwnUfrag),
            random.token(limits::kOwnPassword)};
}

Result<void> check(const IceCredentials& credentials) {
    if (!is_credential(credentials.ufrag, limits::kUfragShortest)) {
        return fail(Errc::Malformed, "a=ice-ufrag");
    }
    if (!is_credential(credentials.password, limits::kPasswordShortest)) {
        return fail(Errc::Malformed, "a=ice-pwd");
    }
    return {};
}

}  // namespace patchbay::webrtc
