// SPDX-License-Identifier: Apache-2.0
#include "net/dns_message.hpp"

#include "base/text.hpp"
#include "net/limits.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::net {
namespace {

constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeCname = 5;
constexpr std::uint16_t kTypeAaaa = 28;
constexpr std::uint16_t kTypeSrv = 33;
constexpr std::uint16_t kTypeNaptr = 35;
constexpr std::uint16_t kClassInternet = 1;
constexpr std::size_t kMaxName = 255;  // RFC 1035 2.3.4
constexpr std::uint8_t kPointer = 0xC0;

std::uint16_t wire_type(DnsType type) {
    switch (type) {
        case DnsType::A: return kTypeA;
        case DnsType::Aaaa: return kTypeAaaa;
        case DnsType::Srv: return kTypeSrv;
        case DnsType::Naptr: return kTypeNaptr;
    }
    return 0;
}

// Reads forward through a message; names may point back into it (RFC 1035 4.1.4).
class Reader {
  public:
    Reader(ByteView message, std::size_t at, std::size_t end)
        : message_(message), at_(at), end_(end) {}

    std::size_t at() const { return at_; }

    Result<std::uint8_t> u8() {
        PB_CHECK(need(1));
        return message_[at_++];
    }
    Result<std::uint16_t> u16() {
        PB_TRY(const std::uint8_t high, u8());
        PB_TRY(const std::uint8_t low, u8());
        return static_cast<std::uint16_t>(high << 8 | low);
    }
    Result<std::uint32_t> u32() {
        PB_TRY(const std::uint16_t high, u16());
        PB_TRY(const std::uint16_t low, u16());
        return std::uint32_t{high} << 16 | low;
    }
    Result<ByteView> bytes(std::size_t count) {
        PB_CHECK(need(count));
        const ByteView out = message_.subspan(at_, count);
        at_ += count;
        return out;
    }
    // RFC 1035 3.3: a length and as many bytes.
    Result<std::string> text() {
        PB_TRY(const std::uint8_t length, u8());
        PB_TRY(const ByteView out, bytes(length));
        return std::string(as_text(out));
    }
    // Lower case, without the dot at the end. A pointer leads to before the place where the name
    // or the pointer before it began, so that there is no way round and round.
    Result<std::string> name() {
        std::string out;
        std::size_t from = at_;
        std::optional<std::size_t> back;
        std::size_t limit = end_;
        while (true) {
            if (from >= limit) {
                return fail(Errc::Malformed, "DNS name", static_cast<std::int64_t>(from));
            }
            const std::uint8_t length = message_[from];
            if ((length & kPointer) == kPointer) {
                PB_TRY(const std::size_t target, pointer(from, limit));
                back = back.value_or(from + 2);
                limit = std::min(limit, from);
                from = target;
                continue;
            }
            if ((length & kPointer) != 0 || from + 1 + length > limit ||
                out.size() + length + 1 > kMaxName) {
                return fail(Errc::Malformed, "DNS name", static_cast<std::int64_t>(from));
            }
            ++from;
            if (length == 0) {
                break;
            }
            out += out.empty() ? "" : ".";
            out += to_lower(as_text(message_.subspan(from, length)));
            from += length;
        }
        at_ = back.value_or(from);
        return out;
    }

  private:
    Result<void> need(std::size_t count) const {
        if (end_ - at_ < count) {
            return fail(Errc::Malformed, "DNS message", static_cast<std::int64_t>(at_));
        }
        return {};
    }
    Result<std::size_t> pointer(std::size_t from, std::size_t limit) const {
        if (from + 2 > limit) {
            return fail(Errc::Malformed, "DNS name", static_cast<std::int64_t>(from));
        }
        const std::size_t target = (message_[from] & 0x3FU) << 8 | std::size_t{message_[from + 1]};
        if (target >= from) {
            return fail(Errc::Malformed, "DNS name", static_cast<std::int64_t>(from));
        }
        return target;
    }

    ByteView message_;
    std::size_t at_;
    std::size_t end_;
};

struct Record {
    std::string owner;
    std::uint16_t type = 0;
    std::uint16_t rr_class = 0;
    std::uint32_t time_to_live = 0;
    std::size_t data = 0;  // where it stands
    std::size_t size = 0;
};

Result<Record> read_record(Reader& reader) {
    Record record;
    PB_TRY(record.owner, reader.name());
    PB_TRY(record.type, reader.u16());
    PB_TRY(record.rr_class, reader.u16());
    PB_TRY(record.time_to_live, reader.u32());
    PB_TRY(record.size, reader.u16());
    record.data = reader.at();
    PB_CHECK(reader.bytes(record.size));
    return record;
}

Result<std::vector<Record>> read_answers(ByteView message) {
    Reader reader(message, 0, message.size());
    PB_CHECK(reader.u32());  // id, flags
    PB_TRY(const std::uint16_t questions, reader.u16());
    PB_TRY(const std::uint16_t answers, reader.u16());
    PB_CHECK(reader.u32());  // counts of the other sections
    for (unsigned i = 0; i < questions; ++i) {
        PB_CHECK(reader.name());
        PB_CHECK(reader.u32());
    }
    std::vector<Record> records;
    for (unsigned i = 0; i < std::min<std::size_t>(answers, kMaxDnsRecords); ++i) {
        PB_TRY(Record record, read_record(reader));
        records.push_back(std::move(record));
    }
    return records;
}

Result<void> read_address(Reader& reader, const Record& record, DnsAnswer& answer) {
    PB_TRY(const ByteView bytes, reader.bytes(record.size));
    if (record.type == kTypeA && bytes.size() == 4) {
        answer.addresses.push_back(IpAddress::v4(bytes[0], bytes[1], bytes[2], bytes[3]));
    } else if (record.type == kTypeAaaa && bytes.size() == 16) {
        std::array<std::uint8_t, 16> v6{};
        std::copy(bytes.begin(), bytes.end(), v6.begin());
        answer.addresses.push_back(IpAddress::v6(v6));
    } else {
        return fail(Errc::Malformed, "DNS address");
    }
    return {};
}

Result<void> read_srv(Reader& reader, DnsAnswer& answer) {
    SrvRecord srv;
    PB_TRY(srv.priority, reader.u16());
    PB_TRY(srv.weight, reader.u16());
    PB_TRY(srv.port, reader.u16());
    PB_TRY(srv.target, reader.name());
    answer.srv.push_back(std::move(srv));
    return {};
}

Result<void> read_naptr(Reader& reader, DnsAnswer& answer) {
    NaptrRecord naptr;
    PB_TRY(naptr.order, reader.u16());
    PB_TRY(naptr.preference, reader.u16());
    PB_TRY(naptr.flags, reader.text());
    PB_TRY(naptr.service, reader.text());
    PB_CHECK(reader.text());  // the regular expression
    PB_TRY(naptr.replacement, reader.name());
    answer.naptr.push_back(std::move(naptr));
    return {};
}

Result<void> read_data(ByteView message, const Record& record, DnsAnswer& answer) {
    Reader reader(message, record.data, record.data + record.size);
    switch (record.type) {
        case kTypeSrv: return read_srv(reader, answer);
        case kTypeNaptr: return read_naptr(reader, answer);
        default: return read_address(reader, record, answer);
    }
}

bool is_of(const Record& record, std::string_view owner, std::uint16_t type) {
    return record.type == type && record.rr_class == kClassInternet && record.owner == owner;
}

}  // namespace

Result<DnsAnswer> parse_dns_answer(ByteView message, const DnsQuestion& question) {
    PB_TRY(const std::vector<Record> records, read_answers(message));
    const std::uint16_t wanted = wire_type(question.type);
    std::string name = question.name;
    DnsAnswer answer;
    std::uint32_t least = static_cast<std::uint32_t>(-1);
    for (std::size_t aliases = 0; aliases <= kMaxDnsAliases; ++aliases) {
        bool found = false;
        for (const Record& record : records) {
            if (is_of(record, name, wanted)) {
                PB_CHECK(read_data(message, record, answer));
                least = std::min(least, record.time_to_live);
                found = true;
            }
        }
        const auto alias = std::ranges::find_if(
            records, [&](const Record& record) { return is_of(record, name, kTypeCname); });
        if (found || alias == records.end()) {
            break;
        }
        Reader reader(message, alias->data, alias->data + alias->size);
        PB_TRY(name, reader.name());
        least = std::min(least, alias->time_to_live);
    }
    if (answer == DnsAnswer{}) {
        return fail(Errc::NotFound, "DNS records");
    }
    // RFC 2181 8: the highest bit set means zero.
    answer.time_to_live = Seconds(least > 0x7FFFFFFF ? 0 : least);
    return answer;
}

}  // namespace patchbay::net
