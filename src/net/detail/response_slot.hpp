// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "net/http_message.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace patchbay::net::detail {

// The queue between a BodyStream and the connection that writes it.
struct StreamState {
    std::string queue;
    std::optional<std::uint64_t> length_left;  // of a body whose length was promised
    bool finished = false;                     // by the writer
    bool closed = false;                       // by the connection
    UniqueFunction<void()> drained;
    UniqueFunction<void()> on_closed;
    UniqueFunction<void()> wake;

    // What is queued, never more than was promised.
    std::string take();
    // A handler may destroy the BodyStream, and with it the handlers.
    void call_drained();
    void call_closed();
};

struct StreamedResponse {
    HttpResponse head;
    std::optional<std::uint64_t> length;
    std::shared_ptr<StreamState> stream;
};

using Answer = std::variant<HttpResponse, StreamedResponse>;

// Where the answer to one request goes; it may be given on any thread and is delivered on the
// server's.
class ResponseSlot {
  public:
    ResponseSlot(boost::asio::any_io_executor home, UniqueFunction<void(Answer)> deliver);

    bool answered() const { return answered_; }
    void answer(Answer answer);

  private:
    boost::asio::any_io_executor home_;
    UniqueFunction<void(Answer)> deliver_;
    bool answered_ = false;
};

}  // namespace patchbay::net::detail
