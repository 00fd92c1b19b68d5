// SPDX-License-Identifier: Apache-2.0
#include "net/write_queue.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::net {

Result<void> WriteQueue::push_text(std::string text) {
    return push(Kind::Text, std::move(text));
}

Result<void> WriteQueue::push_ping(std::string payload) {
    return push(Kind::Ping, std::move(payload));
}

void WriteQueue::push_binary(ByteView bytes) {
    while (waiting_binary_ + bytes.size() > kWebSocketDroppableQueue && drop_oldest_binary()) {
    }
    const bool fits = waiting_binary_ + bytes.size() <= kWebSocketDroppableQueue;
    if (!fits || !push(Kind::Binary, std::string(as_text(bytes)))) {
        ++dropped_binary_;
        return;
    }
    waiting_binary_ += bytes.size();
}

Result<void> WriteQueue::push(Kind kind, std::string bytes) {
    if (kind != Kind::Binary) {
        while (this->bytes() + bytes.size() > kWebSocketQueue && drop_oldest_binary()) {
        }
    }
    if (this->bytes() + bytes.size() > kWebSocketQueue) {
        return fail(Errc::TooLarge, "WebSocket queue", static_cast<std::int64_t>(this->bytes()));
    }
    waiting_ += bytes.size();
    messages_.push_back({kind, std::move(bytes)});
    return {};
}

bool WriteQueue::drop_oldest_binary() {
    const auto oldest = std::ranges::find(messages_, Kind::Binary, &Message::kind);
    if (oldest == messages_.end()) {
        return false;
    }
    waiting_ -= oldest->bytes.size();
    waiting_binary_ -= oldest->bytes.size();
    messages_.erase(oldest);
    ++dropped_binary_;
    return true;
}

std::optional<WriteQueue::Message> WriteQueue::take() {
    if (messages_.empty()) {
        return std::nullopt;
    }
    Message next = std::move(messages_.front());
    messages_.pop_front();
    waiting_ -= next.bytes.size();
    waiting_binary_ -= next.kind == Kind::Binary ? next.bytes.size() : 0;
    writing_ = next.bytes.size();
    return next;
}

void WriteQueue::clear() {
    messages_.clear();
    waiting_ = 0;
    waiting_binary_ = 0;
}

}  // namespace patchbay::net
