// SPDX-License-Identifier: Apache-2.0
#include "sip/header/media_type.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"

namespace patchbay::sip {

Result<MediaType> MediaType::parse(std::string_view value) {
    Scanner scanner(trim(value));
    MediaType media;
    media.type = scanner.token();
    const bool has_subtype = scanner.accept('/');
    media.subtype = scanner.token();
    if (media.type.empty() || !has_subtype || media.subtype.empty()) {
        return fail(Errc::Malformed, "media type", scanner.position());
    }
    PB_TRY(media.parameters, Parameters::parse(scanner));
    if (!scanner.done()) {
        return fail(Errc::Malformed, "media type", scanner.position());
    }
    return media;
}

void MediaType::write(std::string& out) const {
    out.append(type).append("/").append(subtype);
    parameters.write(out);
}

bool MediaType::is(std::string_view full_type) const {
    const auto [wanted_type, wanted_subtype] = split_once(full_type, '/');
    return equals_ignoring_case(type, wanted_type) && equals_ignoring_case(subtype, wanted_subtype);
}

bool MediaType::covers(std::string_view full_type) const {
    if (type == "*") {
        return true;
    }
    return is(full_type) ||
           (subtype == "*" && equals_ignoring_case(type, split_once(full_type, '/').first));
}

Result<ContentType> ContentType::parse(std::string_view value) {
    ContentType content;
    PB_TRY(static_cast<MediaType&>(content), MediaType::parse(value));
    return content;
}

Result<Accept> Accept::parse(std::string_view value) {
    Accept accept;
    PB_TRY(static_cast<MediaType&>(accept), MediaType::parse(value));
    return accept;
}

}  // namespace patchbay::sip
