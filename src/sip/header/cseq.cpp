// SPDX-License-Identifier: Apache-2.0
#include "sip/header/cseq.hpp"

#include "base/text.hpp"
#include "sip/grammar.hpp"
#include "sip/header/number.hpp"

namespace patchbay::sip {

Result<CSeq> CSeq::parse(std::string_view value) {
    const std::string_view text = trim(value);
    const std::size_t number_end = text.find_first_of(" \t\r\n");
    CSeq cseq;
    PB_TRY(cseq.number, parse_decimal(text.substr(0, number_end), kMaxSequenceNumber, "CSeq"));
    if (number_end != std::string_view::npos) {
        cseq.method_name = trim(text.substr(number_end));
    }
    if (!is_token(cseq.method_name)) {
        return fail(Errc::Malformed, "CSeq method");
    }
    return cseq;
}

void CSeq::write(std::string& out) const {
    write_decimal(number, out);
    out.append(" ").append(method_name);
}

Result<RAck> RAck::parse(std::string_view value) {
    const std::string_view text = trim(value);
    const std::size_t number_end = text.find_first_of(" \t\r\n");
    RAck rack;
    PB_TRY(rack.response_number, parse_decimal(text.substr(0, number_end), kAnyNumber, "RAck"));
    if (number_end == std::string_view::npos) {
        return fail(Errc::Malformed, "RAck");
    }
    PB_TRY(rack.cseq, CSeq::parse(text.substr(number_end)));
    return rack;
}

void RAck::write(std::string& out) const {
    write_decimal(response_number, out);
    out.append(" ");
    cseq.write(out);
}

}  // namespace patchbay::sip
