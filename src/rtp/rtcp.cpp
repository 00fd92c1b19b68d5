// SPDX-License-Identifier: Apache-2.0
#include "rtp/rtcp.hpp"

#include "base/ensure.hpp"
#include "base/overloaded.hpp"
#include "rtp/limits.hpp"

#include <algorithm>
#include <optional>

namespace patchbay::rtp {
namespace {

// RFC 3550 12.1, 12.2
constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::uint8_t kCname = 1;

struct Section {
    std::uint8_t count = 0;
    std::uint8_t type = 0;
    ByteView body;
};

Result<Section> read_section(ByteReader& reader) {
    PB_TRY(const std::uint8_t first, reader.u8("RTCP header"));
    if (first >> 6 != 2) {
        return fail(Errc::Malformed, "RTCP version", first >> 6);
    }
    PB_TRY(const std::uint8_t type, reader.u8("RTCP header"));
    PB_TRY(const std::uint16_t words, reader.u16("RTCP header"));
    PB_TRY(ByteView body, reader.bytes(std::size_t{4} * words, "RTCP length"));
    if ((first & 0x20) != 0) {
        // Padding is whole words, its count is the last octet, and it ends the compound.
        const std::size_t padding = body.empty() ? 0 : body.back();
        if (padding == 0 || padding % 4 != 0 || padding > body.size() || !reader.empty()) {
            return fail(Errc::Malformed, "RTCP padding", static_cast<std::int64_t>(padding));
        }
        body = body.first(body.size() - padding);
    }
    return Section{static_cast<std::uint8_t>(first & 0x1F), type, body};
}

constexpr std::int32_t sign_extend_24(std::uint32_t value) {
    return static_cast<std::int32_t>(value << 8) >> 8;
}

Result<std::vector<ReportBlock>> read_report_blocks(ByteReader& reader, std::uint8_t count) {
    std::vector<ReportBlock> blocks;
    for (std::uint8_t i = 0; i < count; ++i) {
        constexpr std::size_t kBlockSize = 24;
        PB_TRY(const ByteView field, reader.bytes(kBlockSize, "RTCP report block"));
        const std::uint32_t lost = load_be32(&field[4]);
        blocks.push_back({
            .source = Ssrc(load_be32(&field[0])),
            .fraction_lost = static_cast<std::uint8_t>(lost >> 24),
            .cumulative_lost = sign_extend_24(lost & 0xFFFFFF),
            .highest_sequence = load_be32(&field[8]),
            .jitter = load_be32(&field[12]),
            .last_sender_report = load_be32(&field[16]),
            .delay_since_sender_report = load_be32(&field[20]),
        });
    }
    return blocks;
}

Result<RtcpPacket> read_sender_report(const Section& section) {
    ByteReader reader(section.body);
    PB_TRY(const ByteView field, reader.bytes(24, "RTCP sender report"));
    SenderReport report{
        .sender = Ssrc(load_be32(&field[0])),
        .ntp = NtpTime(load_be64(&field[4])),
        .rtp_timestamp = load_be32(&field[12]),
        .packets = load_be32(&field[16]),
        .octets = load_be32(&field[20]),
        .reports = {},
    };
    PB_TRY(report.reports, read_report_blocks(reader, section.count));
    return report;
}

Result<RtcpPacket> read_receiver_report(const Section& section) {
    ByteReader reader(section.body);
    PB_TRY(const std::uint32_t sender, reader.u32("RTCP receiver report"));
    PB_TRY(std::vector<ReportBlock> blocks, read_report_blocks(reader, section.count));
    return ReceiverReport{Ssrc(sender), std::move(blocks)};
}

// The items of one chunk, up to and with the zeros that fill its last word (RFC 3550 6.5).
Result<std::string> read_chunk_cname(ByteReader& reader) {
    std::string cname;
    while (true) {
        PB_TRY(const std::uint8_t type, reader.u8("RTCP SDES item"));
        if (type == 0) {
            break;
        }
        PB_TRY(const std::uint8_t length, reader.u8("RTCP SDES item"));
        PB_TRY(const ByteView text, reader.bytes(length, "RTCP SDES item"));
        if (type == kCname) {
            cname = as_text(text);
        }
    }
    while (reader.position() % 4 != 0) {
        PB_CHECK(reader.u8("RTCP SDES chunk"));
    }
    return cname;
}

Result<void> read_source_descriptions(const Section& section, std::vector<RtcpPacket>& out) {
    ByteReader reader(section.body);
    for (std::uint8_t i = 0; i < section.count; ++i) {
        PB_TRY(const std::uint32_t source, reader.u32("RTCP SDES chunk"));
        PB_TRY(std::string cname, read_chunk_cname(reader));
        out.emplace_back(SourceDescription{Ssrc(source), std::move(cname)});
    }
    return {};
}

Result<RtcpPacket> read_goodbye(const Section& section) {
    ByteReader reader(section.body);
    Goodbye goodbye;
    for (std::uint8_t i = 0; i < section.count; ++i) {
        PB_TRY(const std::uint32_t source, reader.u32("RTCP BYE"));
        goodbye.sources.emplace_back(source);
    }
    if (!reader.empty()) {
        PB_TRY(const std::uint8_t length, reader.u8("RTCP BYE reason"));
        PB_TRY(const ByteView reason, reader.bytes(length, "RTCP BYE reason"));
        goodbye.reason = as_text(reason);
    }
    return goodbye;
}

Result<void> read_packet(const Section& section, std::vector<RtcpPacket>& out) {
    switch (section.type) {
        case kSenderReport: {
            PB_TRY(RtcpPacket report, read_sender_report(section));
            out.push_back(std::move(report));
            return {};
        }
        case kReceiverReport: {
            PB_TRY(RtcpPacket report, read_receiver_report(section));
            out.push_back(std::move(report));
            return {};
        }
        case kSourceDescription: return read_source_descriptions(section, out);
        case kGoodbye: {
            PB_TRY(RtcpPacket goodbye, read_goodbye(section));
            out.push_back(std::move(goodbye));
            return {};
        }
        default: out.emplace_back(OtherRtcp{section.type}); return {};
    }
}

class CompoundWriter {
  public:
    void operator()(const SenderReport& report) {
        const std::size_t at = begin(kSenderReport, report.reports.size());
        writer_.u32(report.sender.value());
        writer_.u32(static_cast<std::uint32_t>(report.ntp.value() >> 32));
        writer_.u32(static_cast<std::uint32_t>(report.ntp.value()));
        writer_.u32(report.rtp_timestamp);
        writer_.u32(report.packets);
        writer_.u32(report.octets);
        write_blocks(report.reports);
        end(at);
    }

    void operator()(const ReceiverReport& report) {
        const std::size_t at = begin(kReceiverReport, report.reports.size());
        writer_.u32(report.sender.value());
        write_blocks(report.reports);
        end(at);
    }

    void operator()(const SourceDescription& chunk) {
        const std::size_t at = begin(kSourceDescription, 1);
        writer_.u32(chunk.source.value());
        writer_.u8(kCname);
        write_text(chunk.cname);
        writer_.u8(0);
        end(at);
    }

    void operator()(const Goodbye& goodbye) {
        const std::size_t at = begin(kGoodbye, goodbye.sources.size());
        for (const Ssrc source : goodbye.sources) {
            writer_.u32(source.value());
        }
        if (!goodbye.reason.empty()) {
            write_text(goodbye.reason);
        }
        end(at);
    }

    // Nothing of its body was kept, so there is nothing to write.
    void operator()(const OtherRtcp&) {}

    Bytes take() { return writer_.take(); }

  private:
    std::size_t begin(std::uint8_t type, std::size_t count) {
        PB_ENSURE(count <= limits::kReportBlocks);
        const std::size_t at = writer_.size();
        writer_.u8(static_cast<std::uint8_t>(0x80 | count));
        writer_.u8(type);
        writer_.u16(0);
        return at;
    }

    void end(std::size_t at) {
        while (writer_.size() % 4 != 0) {
            writer_.u8(0);
        }
        writer_.set_u16(at + 2, static_cast<std::uint16_t>((writer_.size() - at) / 4 - 1));
    }

    void write_text(std::string_view text) {
        text = text.substr(0, 255);
        writer_.u8(static_cast<std::uint8_t>(text.size()));
        writer_.bytes(as_bytes(text));
    }

    void write_blocks(std::span<const ReportBlock> blocks) {
        for (const ReportBlock& block : blocks) {
            writer_.u32(block.source.value());
            writer_.u32((std::uint32_t{block.fraction_lost} << 24) |
                        (static_cast<std::uint32_t>(block.cumulative_lost) & 0xFFFFFF));
            writer_.u32(block.highest_sequence);
            writer_.u32(block.jitter);
            writer_.u32(block.last_sender_report);
            writer_.u32(block.delay_since_sender_report);
        }
    }

    ByteWriter writer_;
};

}  // namespace

NtpTime to_ntp(const WallAnchor& anchor, Instant t) {
    constexpr std::int64_t kSecondsFrom1900To1970 = 2'208'988'800;
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    const std::int64_t since_1970 =
        anchor.wall.milliseconds * 1'000'000 + (t - anchor.instant).count();
    const auto seconds =
        static_cast<std::uint64_t>(since_1970 / kNanoseconds + kSecondsFrom1900To1970);
    const auto fraction = (static_cast<std::uint64_t>(since_1970 % kNanoseconds) << 32) /
                          static_cast<std::uint64_t>(kNanoseconds);
    return NtpTime((seconds << 32) | fraction);
}

Result<std::vector<RtcpPacket>> parse_rtcp(ByteView datagram) {
    ByteReader reader(datagram);
    std::vector<RtcpPacket> compound;
    std::size_t sections = 0;
    do {
        if (++sections > limits::kCompound) {
            return fail(Errc::TooLarge, "RTCP compound");
        }
        PB_TRY(const Section section, read_section(reader));
        PB_CHECK(read_packet(section, compound));
    } while (!reader.empty());
    return compound;
}

Bytes write_rtcp(std::span<const RtcpPacket> compound) {
    CompoundWriter writer;
    for (const RtcpPacket& packet : compound) {
        std::visit(writer, packet);
    }
    return writer.take();
}

}  // namespace patchbay::rtp
