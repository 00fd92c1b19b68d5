// SPDX-License-Identifier: Apache-2.0
// Any text: a URI that parses is written as it was read, equals itself, and equality is symmetric.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sip/uri.hpp"

#include <cstdint>

namespace patchbay::sip {
namespace {

void rewrite(const Uri& uri) {
    const auto again = Uri::parse(uri.to_string());
    PB_ENSURE(again.has_value());
    PB_ENSURE(*again == uri);
    PB_ENSURE(again->to_string() == uri.to_string());
    (void)uri.decoded_user();
    (void)uri.for_request();
}

// Two URIs, one per line.
void run(std::string_view text) {
    const auto [first, second] = split_once(text, '\n');
    const auto a = Uri::parse(first);
    const auto b = Uri::parse(second);
    if (a) {
        rewrite(*a);
    }
    if (b) {
        rewrite(*b);
    }
    if (a && b) {
        PB_ENSURE((*a == *b) == (*b == *a));
    }
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchbay::sip::run(patchbay::as_text({data, size}));
    return 0;
}
