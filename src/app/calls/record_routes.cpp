// SPDX-License-Identifier: Apache-2.0
#include "app/calls/record_routes.hpp"

#include "api/messages/call_record.hpp"
#include "base/text.hpp"
#include "store/descriptor.hpp"
#include "store/one_time_job.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::app {
namespace {

constexpr std::size_t kDefaultRecords = 100;
constexpr std::size_t kMostRecords = 1000;

net::HttpResponse no_record(std::string_view id) {
    return net::HttpResponse::error(404, fmt::format("there is no record '{}'", id));
}

std::optional<std::size_t> number(const net::HttpRequest& request,
                                  std::string_view name,
                                  std::size_t otherwise) {
    const auto text = request.query_value(name);
    return text ? parse_number<std::size_t>(*text) : std::optional(otherwise);
}

struct Found {
    store::Descriptor file;
    std::uint64_t size = 0;
    std::string_view type;
};

std::string_view type_of(std::string_view path) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes{
        {{".wav", "audio/wav"},
         {".mp3", "audio/mpeg"},
         {".flac", "audio/flac"},
         {".opus", "audio/ogg"},
         {".ogg", "audio/ogg"}}};
    const std::string name = to_lower(path);
    const auto found =
        std::ranges::find_if(kTypes, [&](const auto& one) { return name.ends_with(one.first); });
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

// A recording of a record, as the jail of the recordings folder gives it.
std::optional<Found> open_recording(const store::FileJail& jail,
                                    const std::vector<std::string>& texts,
                                    std::size_t which) {
    const auto record = texts.empty() ? wire::Decoded<api::CallRecord>(api::CallRecord{})
                                      : api::decode_call_record(texts.front());
    if (!record || which >= record->recorder.size()) {
        return std::nullopt;
    }
    const std::string& path = record->recorder[which].path;
    auto file = jail.open(path);
    struct stat status{};
    if (!file || ::fstat(file->get(), &status) != 0) {
        return std::nullopt;
    }
    return Found{std::move(*file), static_cast<std::uint64_t>(status.st_size), type_of(path)};
}

void send_recording(net::Shard& shard,
                    store::DiskThread& disk,
                    Found found,
                    const std::optional<std::string>& range_field,
                    net::Responder responder) {
    ByteRange range{0, found.size};
    net::HttpResponse head;
    head.fields.set("Content-Type", std::string(found.type));
    head.fields.set("Accept-Ranges", "bytes");
    const auto asked = range_field ? parse_range(*range_field, found.size)
                                   : Result<ByteRange>(fail(Errc::Malformed, "range"));
    if (asked) {
        range = *asked;
        head.status = 206;
        head.fields.set("Content-Range",
                        fmt::format("bytes {}-{}/{}", range.first, range.end - 1, found.size));
    } else if (asked.error().code == Errc::OutOfRange) {
        net::HttpResponse refusal = net::HttpResponse::error(416, "nothing of the file is there");
        refusal.fields.set("Content-Range", fmt::format("bytes */{}", found.size));
        responder.send(std::move(refusal));
        return;
    }
    send_file(shard, disk, std::move(found.file), range, std::move(head), std::move(responder));
}

}  // namespace

Result<ByteRange> parse_range(std::string_view field, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    const std::size_t dash = field.find('-');
    if (!field.starts_with(kUnit) || dash == std::string_view::npos ||
        field.find(',') != std::string_view::npos) {
        return fail(Errc::Malformed, "range");
    }
    const std::string_view first = trim(field.substr(kUnit.size(), dash - kUnit.size()));
    const std::string_view last = trim(field.substr(dash + 1));
    const auto from = parse_number<std::uint64_t>(first);
    const auto to = parse_number<std::uint64_t>(last);
    if ((!first.empty() && !from) || (!last.empty() && !to) || (!from && !to)) {
        return fail(Errc::Malformed, "range");
    }
    ByteRange range{from.value_or(0), size};
    if (!from) {
        range.first = size - std::min(*to, size);
    } else if (to) {
        if (*to < *from) {
            return fail(Errc::Malformed, "range");
        }
        range.end = std::min(*to, size - std::min<std::uint64_t>(size, 1)) + 1;
    }
    if (range.first >= size || range.first >= range.end) {
        return fail(Errc::OutOfRange, "range");
    }
    return range;
}

void add_record_routes(net::HttpServer& server, net::Shard& shard, RecordSources sources) {
    server.route(
        net::HttpMethod::Get, "/api/records",
        [sources](const net::HttpRequest& request, net::Responder responder) {
            const auto limit = number(request, "limit", kDefaultRecords);
            const auto offset = number(request, "offset", 0);
            if (!limit || !offset) {
                responder.send(
                    net::HttpResponse::error(400, "limit and offset must be whole numbers"));
                return;
            }
            sources.records.list(
                std::min(*limit, kMostRecords), *offset,
                [responder = std::move(responder)](std::vector<std::string> texts) mutable {
                    responder.send(net::HttpResponse::json(200, api::join_records(texts)));
                });
        });
    server.route(
        net::HttpMethod::Get, "/api/records/{id}",
        [sources](const net::HttpRequest& request, net::Responder responder) {
            const std::string id(request.parameter("id").value_or(""));
            sources.records.find(
                id, [id, responder = std::move(responder)](std::vector<std::string> texts) mutable {
                    responder.send(texts.empty() ? no_record(id)
                                                 : net::HttpResponse::json(200, texts.front()));
                });
        });
    server.route(net::HttpMethod::Get, "/api/records/{id}/recording",
                 [sources, &shard](const net::HttpRequest& request, net::Responder responder) {
                     const std::string id(request.parameter("id").value_or(""));
                     const auto which = number(request, "number", 0);
                     std::optional<std::string> range;
                     if (const auto field = request.header("Range")) {
                         range = std::string(*field);
                     }
                     sources.records.find(id, [sources, &shard, id, which, range,
                                               responder = std::move(responder)](
                                                  const std::vector<std::string>& texts) mutable {
                         auto found = which ? open_recording(*sources.recordings, texts, *which)
                                            : std::nullopt;
                         if (!found) {
                             responder.send(net::HttpResponse::error(
                                 404, fmt::format("there is no recording of '{}'", id)));
                             return;
                         }
                         (void)shard.post([sources, &shard, range, responder = std::move(responder),
                                           found = std::move(*found)]() mutable {
                             send_recording(shard, sources.disk, std::move(found), range,
                                            std::move(responder));
                         });
                     });
                 });
}

}  // namespace patchbay::app
