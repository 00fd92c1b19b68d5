// SPDX-License-Identifier: Apache-2.0
#include "store/line_log.hpp"

#include "store/limits.hpp"

#include <mutex>
#include <utility>

namespace patchbay::store {

struct LineLog::Queue {
    std::mutex mutex;  // guards the rest
    std::string text;
    bool finished = false;
};

namespace {

class LineLogJob final : public DiskJob {
  public:
    using Take = UniqueFunction<std::pair<std::string, bool>()>;  // what waits; nothing will follow

    LineLogJob(std::shared_ptr<const FileJail> jail,
               std::string name,
               LineLog::Opened opened,
               Take take)
        : jail_(std::move(jail)),
          name_(std::move(name)),
          opened_(std::move(opened)),
          take_(std::move(take)) {}

    State step() override {
        auto [text, finished] = take_();
        write(text);
        return finished ? State::Finished : State::Working;
    }
    void stop() override { write(take_().first); }

  private:
    void write(std::string_view text) {
        if (text.empty() || failed_) {
            return;
        }
        if (!file_ && !open()) {
            return;
        }
        while (!text.empty()) {
            const ssize_t written = ::write(file_.get(), text.data(), text.size());
            if (written < 0) {
                failed_ = true;
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    bool open() {
        auto created = jail_->create(name_);
        failed_ = !created;
        if (created) {
            file_ = std::move(created->file);
            opened_(created->path);
        }
        return !failed_;
    }

    std::shared_ptr<const FileJail> jail_;  // shared with everybody who writes there
    std::string name_;
    LineLog::Opened opened_;
    Take take_;
    Descriptor file_;
    bool failed_ = false;
};

}  // namespace

LineLog::LineLog(std::shared_ptr<const FileJail> jail,
                 DiskThread& disk,
                 std::string name,
                 Opened opened)
    : queue_(std::make_shared<Queue>()) {
    disk.add(std::make_unique<LineLogJob>(
        std::move(jail), std::move(name), std::move(opened), [queue = queue_] {
            const std::lock_guard lock(queue->mutex);
            return std::pair(std::exchange(queue->text, {}), queue->finished);
        }));
}

LineLog::~LineLog() {
    const std::lock_guard lock(queue_->mutex);
    queue_->finished = true;
}

Result<void> LineLog::write(std::string_view line) {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->text.size() + line.size() > kLineLogAhead) {
        return fail(Errc::Unavailable, "line log");
    }
    queue_->text += line;
    queue_->text += '\n';
    return {};
}

}  // namespace patchbay::store
