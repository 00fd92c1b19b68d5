// SPDX-License-Identifier: Apache-2.0
#include "app/files/file_download.hpp"

#include "store/one_time_job.hpp"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

// Read in one go on the disk thread, and half of what a response may have queued.
constexpr std::size_t kDownloadPiece = 64 * 1024;

class Download : public std::enable_shared_from_this<Download> {
  public:
    Download(net::Shard& shard, store::DiskThread& disk, store::Descriptor file, ByteRange range)
        : shard_(shard), disk_(disk), file_(std::move(file)), range_(range) {}

    void start(net::BodyStream stream) {
        stream_.emplace(std::move(stream));
        stream_->on_drained([self = shared_from_this()] { self->read(); });
        // Later, because the handler itself goes with the stream.
        stream_->on_closed([self = shared_from_this()] {
            self->over_ = true;
            (void)self->shard_.post([self] { self->finish(); });
        });
        read();
    }

  private:
    void read() {
        if (over_ || std::exchange(reading_, true)) {
            return;
        }
        disk_.add(store::make_one_time_job([self = shared_from_this()] {
            std::string piece(
                std::min<std::uint64_t>(kDownloadPiece, self->range_.end - self->range_.first),
                '\0');
            const ssize_t got = ::pread(self->file_.get(), piece.data(), piece.size(),
                                        static_cast<off_t>(self->range_.first));
            piece.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
            (void)self->shard_.post(
                [self, piece = std::move(piece)]() mutable { self->send(std::move(piece)); });
        }));
    }

    void send(std::string piece) {
        reading_ = false;
        range_.first += piece.size();
        const bool last = piece.empty() || range_.first >= range_.end;
        if (over_ || (!piece.empty() && !stream_->write(std::move(piece))) || last) {
            finish();
        }
    }

    // The handlers hold the download; without them it goes.
    void finish() {
        over_ = true;
        if (auto stream = std::exchange(stream_, std::nullopt)) {
            stream->finish();
        }
    }

    net::Shard& shard_;
    store::DiskThread& disk_;
    store::Descriptor file_;
    ByteRange range_;  // what is still to be sent
    std::optional<net::BodyStream> stream_;
    bool reading_ = false;
    bool over_ = false;
};

}  // namespace

void send_file(net::Shard& shard,
               store::DiskThread& disk,
               store::Descriptor file,
               ByteRange range,
               net::HttpResponse head,
               net::Responder responder) {
    const auto download = std::make_shared<Download>(shard, disk, std::move(file), range);
    download->start(responder.stream(std::move(head), range.end - range.first));
}

}  // namespace patchbay::app
