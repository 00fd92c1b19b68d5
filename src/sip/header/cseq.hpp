// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/method.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::sip {

// RFC 3261 20.16. OutOfRange from 2**31 on (8.1.1.5).
struct CSeq {
    static constexpr HeaderId kId = HeaderId::CSeq;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::uint32_t number = 0;
    std::string method_name;

    static Result<CSeq> parse(std::string_view value);
    void write(std::string& out) const;

    Method method() const { return parse_method(method_name); }

    friend bool operator==(const CSeq&, const CSeq&) = default;
};

// RFC 3262 7.2: the provisional response that a PRACK acknowledges.
struct RAck {
    static constexpr HeaderId kId = HeaderId::RAck;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::uint32_t response_number = 0;
    CSeq cseq;

    static Result<RAck> parse(std::string_view value);
    void write(std::string& out) const;

    friend bool operator==(const RAck&, const RAck&) = default;
};

}  // namespace patchbay::sip
