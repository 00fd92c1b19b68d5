// SPDX-License-Identifier: Apache-2.0
// The first byte chooses a header, the rest is its value: what is read is written, and read again
// it is the same. A value reaches every rule of its grammar here; within a whole message most of
// them hide.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "sip/grammar.hpp"
#include "sip/header.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::sip {
namespace {

template <class H>
void rewrite(std::string_view value) {
    H header;
    if constexpr (H::kForm == HeaderForm::Combined) {
        if (!header.append(value)) {
            return;
        }
    } else {
        auto parsed = H::parse(value);
        if (!parsed) {
            return;
        }
        header = std::move(*parsed);
    }
    const std::string text = to_string(header);
    H again;
    if constexpr (H::kForm == HeaderForm::Combined) {
        PB_ENSURE(again.append(text).has_value());
    } else {
        auto parsed = H::parse(text);
        PB_ENSURE(parsed.has_value());
        again = std::move(*parsed);
    }
    PB_ENSURE(again == header);
    PB_ENSURE(to_string(again) == text);
}

template <class... Hs>
void rewrite_one(std::size_t chosen, std::string_view value) {
    std::size_t number = 0;
    const std::size_t wanted = chosen % sizeof...(Hs);
    ((number++ == wanted ? rewrite<Hs>(value) : void()), ...);
}

void run(std::uint8_t chosen, std::string_view value) {
    rewrite_one<Via, From, To, CallId, CSeq, RAck, Contact, Route, RecordRoute, ReferTo, ReferredBy,
                PAssertedIdentity, PPreferredIdentity, Diversion, Path, MaxForwards, ContentLength,
                Expires, MinExpires, RSeq, RetryAfter, SessionExpires, MinSe, Replaces, Reason,
                Warning, ContentType, Accept, Require, ProxyRequire, Supported, Unsupported, Allow,
                AllowEvents, WwwAuthenticate, ProxyAuthenticate, Authorization, ProxyAuthorization>(
        chosen, value);
    (void)split_list(value);
    (void)unfold(value);
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0) {
        patchbay::sip::run(*data, patchbay::as_text({data + 1, size - 1}));
    }
    return 0;
}
