// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::test {

// Writes DNS messages byte by byte (RFC 1035 4), right or wrong ones.
class DnsBytes {
  public:
    static constexpr std::uint16_t kA = 1;
    static constexpr std::uint16_t kCname = 5;
    static constexpr std::uint16_t kAaaa = 28;
    static constexpr std::uint16_t kSrv = 33;
    static constexpr std::uint16_t kNaptr = 35;

    static std::string u16(unsigned value) {
        return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
    }
    static std::string u32(std::uint32_t value) { return u16(value >> 16) + u16(value & 0xFFFF); }
    static std::string name(std::string_view text) {
        std::string out;
        while (!text.empty()) {
            const std::string_view label = text.substr(0, text.find('.'));
            out += static_cast<char>(label.size());
            out += label;
            text.remove_prefix(label.size() == text.size() ? text.size() : label.size() + 1);
        }
        return out + '\0';
    }
    static std::string text(std::string_view value) {
        return static_cast<char>(value.size()) + std::string(value);
    }
    static std::string pointer(unsigned offset) { return u16(0xC000 | offset); }

    // An answer with one question.
    DnsBytes(std::string_view question, std::uint16_t type, unsigned id = 1, unsigned code = 0)
        : head_(u16(id) + u16(0x8180 | code) + u16(1)),
          question_(name(question) + u16(type) + u16(1)) {}

    // `owner` as it stands on the wire: name("x") or pointer(12).
    DnsBytes& record(const std::string& owner,
                     std::uint16_t type,
                     std::uint32_t time_to_live,
                     const std::string& data) {
        ++count_;
        records_ += owner + u16(type) + u16(1) + u32(time_to_live) +
                    u16(static_cast<unsigned>(data.size())) + data;
        return *this;
    }
    std::string bytes() const {
        return head_ + u16(count_) + u16(0) + u16(0) + question_ + records_;
    }

  private:
    std::string head_;
    std::string question_;
    std::string records_;
    unsigned count_ = 0;
};

}  // namespace patchbay::test
