// SPDX-License-Identifier: Apache-2.0
#include "app/calls/record_views.hpp"

#include "api/messages/call_record.hpp"
#include "api/messages/recording_peaks.hpp"
#include "app/calls/event_dump.hpp"
#include "base/text.hpp"
#include "media/sound_outline.hpp"
#include "store/file_reader.hpp"
#include "store/one_time_job.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::app {
namespace {

constexpr std::size_t kDefaultPeaks = 400;
// More than a screen has columns.
constexpr std::size_t kMostPeaks = 4000;

std::optional<api::CallRecord> record_in(const std::vector<std::string>& texts) {
    if (texts.empty()) {
        return std::nullopt;
    }
    auto record = api::decode_call_record(texts.front());
    return record ? std::optional(std::move(*record)) : std::nullopt;
}

// On the disk thread.
Result<store::Descriptor> open_events(const RecordSources& sources,
                                      const std::string& id,
                                      const std::optional<api::CallRecord>& record) {
    if (!sources.dumps) {
        return fail(Errc::NotFound, "events");
    }
    if (record) {
        return record->dump_event_file ? sources.dumps->open(*record->dump_event_file)
                                       : fail(Errc::NotFound, "events");
    }
    return sources.dumps->open(store::substitute_id(kDumpName, id));
}

void send_events(net::Shard& shard,
                 store::DiskThread& disk,
                 store::Descriptor file,
                 net::Responder responder) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        responder.send(net::HttpResponse::error(500, "the events cannot be read"));
        return;
    }
    net::HttpResponse head;
    head.fields.set("Content-Type", "application/x-ndjson");
    head.fields.set("Cache-Control", "no-store");
    send_file(shard, disk, std::move(file), {0, static_cast<std::uint64_t>(status.st_size)},
              std::move(head), std::move(responder));
}

void add_events(net::HttpServer& server, net::Shard& shard, const RecordSources& sources) {
    server.route(
        net::HttpMethod::Get, "/api/records/{id}/events",
        [sources, &shard](const net::HttpRequest& request, net::Responder responder) {
            const std::string id(request.parameter("id").value_or(""));
            sources.records.find(id, [sources, &shard, id, responder = std::move(responder)](
                                         const std::vector<std::string>& texts) mutable {
                auto file = open_events(sources, id, record_in(texts));
                if (!file) {
                    responder.send(net::HttpResponse::error(
                        404, fmt::format("no events of '{}' are kept", id)));
                    return;
                }
                (void)shard.post([sources, &shard, file = std::move(*file),
                                  responder = std::move(responder)]() mutable {
                    send_events(shard, sources.disk, std::move(file), std::move(responder));
                });
            });
        });
}

// Two digits are what a picture can show.
std::vector<double> rounded(const std::vector<float>& magnitudes) {
    std::vector<double> out(magnitudes.size());
    std::transform(magnitudes.begin(), magnitudes.end(), out.begin(),
                   [](float one) { return std::round(one * 1000.0) / 1000.0; });
    return out;
}

// On the thread for work that takes the processor.
net::HttpResponse peaks_of(store::Descriptor file, std::size_t count) {
    const auto outline = media::measure_outline(store::make_file_bytes(std::move(file)), count);
    if (!outline) {
        return net::HttpResponse::error(
            500, fmt::format("the recording cannot be read: {}", describe(outline.error())));
    }
    return net::HttpResponse::json(
        200, api::encode_body(api::RecordingPeaks{.duration_ms = outline->duration.count(),
                                                  .left = rounded(outline->left),
                                                  .right = rounded(outline->right)}));
}

void add_peaks(net::HttpServer& server, const RecordSources& sources) {
    server.route(
        net::HttpMethod::Get, "/api/records/{id}/peaks",
        [sources](const net::HttpRequest& request, net::Responder responder) {
            const std::string id(request.parameter("id").value_or(""));
            const auto text = request.query_value("count");
            const auto count = text ? parse_number<std::size_t>(*text) : kDefaultPeaks;
            if (!count || *count == 0 || *count > kMostPeaks) {
                responder.send(net::HttpResponse::error(
                    400, fmt::format("count must be a number from 1 to {}", kMostPeaks)));
                return;
            }
            sources.records.find(id, [sources, id, count = *count,
                                      responder = std::move(responder)](
                                         const std::vector<std::string>& texts) mutable {
                const auto record = record_in(texts);
                auto file = record && !record->recorder.empty()
                                ? sources.recordings->open(record->recorder.front().path)
                                : fail(Errc::NotFound, "recording");
                if (!file) {
                    responder.send(net::HttpResponse::error(
                        404, fmt::format("there is no recording of '{}'", id)));
                    return;
                }
                sources.slow.add(store::make_one_time_job(
                    [file = std::move(*file), count, responder = std::move(responder)]() mutable {
                        responder.send(peaks_of(std::move(file), count));
                    }));
            });
        });
}

}  // namespace

void add_record_views(net::HttpServer& server, net::Shard& shard, RecordSources sources) {
    add_events(server, shard, sources);
    add_peaks(server, sources);
}

}  // namespace patchbay::app
