// SPDX-License-Identifier: Apache-2.0
#include "app/files/media_downloads.hpp"

#include "app/files/media_head.hpp"
#include "net/http_download.hpp"
#include "store/growing_bytes.hpp"

#include <optional>
#include <utility>

namespace patchbay::app {
namespace {

struct Progress {
    MediaDownloads::Opened opened;
    std::shared_ptr<store::GrowingBytes> bytes;
    std::optional<Nanoseconds> fresh_for;
};

}  // namespace

net::Operation MediaDownloads::open(const std::string& url, bool client_is_local, Opened opened) {
    // What loopback gave to a client of this machine is not for others.
    const std::string key = (client_is_local ? "local " : "remote ") + url;
    if (auto kept = cache_.find(shard_.now(), key)) {
        opened(std::move(kept));
        return {};
    }
    net::HttpDownload request;
    request.url = url;
    request.admit = [this, client_is_local](const SocketAddress& target) {
        return guard_.admits(target.ip, client_is_local);
    };
    // Shared by the three handlers of one download.
    const auto progress = std::make_shared<Progress>();
    progress->opened = std::move(opened);
    net::DownloadHandlers handlers{
        .head = [progress](const net::HttpResponse& head) -> Result<void> {
            PB_TRY(const MediaHead known, judge_media_head(head));
            progress->fresh_for = known.fresh_for;
            progress->bytes = std::make_shared<store::GrowingBytes>(known.length);
            progress->opened(std::shared_ptr<media::ByteSource>(progress->bytes));
            return {};
        },
        .piece = [progress](ByteView piece) { progress->bytes->append(piece); },
        .done =
            [this, progress, key](const Result<void>& done) {
                if (progress->bytes == nullptr) {
                    progress->opened(
                        tl::unexpected(done ? Error{Errc::Closed, "HTTP response"} : done.error()));
                } else if (!done) {
                    progress->bytes->break_off(done.error());
                } else {
                    progress->bytes->complete();
                    if (progress->fresh_for) {
                        cache_.put(key, progress->bytes, shard_.now() + *progress->fresh_for);
                    }
                }
            },
    };
    return net::download(shard_, std::move(request), std::move(handlers));
}

}  // namespace patchbay::app
