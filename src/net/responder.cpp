// SPDX-License-Identifier: Apache-2.0
#include "net/responder.hpp"

#include "base/ensure.hpp"
#include "net/detail/response_slot.hpp"
#include "net/limits.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace patchbay::net {

namespace detail {

std::string StreamState::take() {
    std::string piece = std::exchange(queue, {});
    if (length_left) {
        piece.resize(std::min<std::uint64_t>(piece.size(), *length_left));
        *length_left -= piece.size();
    }
    return piece;
}

void StreamState::call_drained() {
    if (auto handler = std::exchange(drained, {})) {
        handler();
        if (!finished && !drained) {
            drained = std::move(handler);
        }
    }
}

void StreamState::call_closed() {
    drained = {};
    if (auto handler = std::exchange(on_closed, {})) {
        handler();
    }
}

ResponseSlot::ResponseSlot(boost::asio::any_io_executor home, UniqueFunction<void(Answer)> deliver)
    : home_(std::move(home)), deliver_(std::move(deliver)) {}

// Not through the shard's mailbox, which may refuse: there is one answer per connection, so these
// are bounded by the connections.
void ResponseSlot::answer(Answer answer) {
    PB_ENSURE(!answered_);
    answered_ = true;
    boost::asio::post(home_, [deliver = std::move(deliver_), given = std::move(answer)]() mutable {
        deliver(std::move(given));
    });
}

}  // namespace detail

BodyStream::BodyStream(std::shared_ptr<detail::StreamState> state) : state_(std::move(state)) {}

BodyStream::BodyStream(BodyStream&&) noexcept = default;

BodyStream& BodyStream::operator=(BodyStream&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

BodyStream::~BodyStream() {
    if (state_) {
        state_->drained = {};
        state_->on_closed = {};
        finish();
    }
}

Result<void> BodyStream::write(std::string chunk) {
    if (state_->closed || state_->finished) {
        return fail(Errc::Closed, "HTTP stream");
    }
    if (state_->queue.size() + chunk.size() > kHttpStreamQueue) {
        return fail(Errc::Unavailable, "HTTP stream queue",
                    static_cast<std::int64_t>(state_->queue.size()));
    }
    state_->queue += chunk;
    if (state_->wake) {
        state_->wake();
    }
    return {};
}

void BodyStream::on_drained(UniqueFunction<void()> handler) {
    state_->drained = std::move(handler);
}

void BodyStream::on_closed(UniqueFunction<void()> handler) {
    state_->on_closed = std::move(handler);
}

void BodyStream::finish() {
    state_->finished = true;
    if (state_->wake) {
        state_->wake();
    }
}

Responder::Responder(std::shared_ptr<detail::ResponseSlot> slot) : slot_(std::move(slot)) {}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
}

Responder::~Responder() {
    if (slot_ && !slot_->answered()) {
        slot_->answer(HttpResponse::error(500, "the request was not answered"));
    }
}

void Responder::send(HttpResponse response) {
    slot_->answer(std::move(response));
}

BodyStream Responder::stream(HttpResponse head, std::optional<std::uint64_t> length) {
    auto state = std::make_shared<detail::StreamState>();
    slot_->answer(detail::StreamedResponse{std::move(head), length, state});
    return BodyStream(std::move(state));
}

}  // namespace patchbay::net
