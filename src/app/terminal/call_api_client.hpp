// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// What a text of the Call API means to one who waits for the end of one command, in either dialect.
struct CallApiNews {
    bool error_response = false;  // nothing else will come
    bool started = false;
    bool ended = false;
    std::string cmd_id;
    std::string event;                 // "TransferStart"; a word of the contract; "Error"
    std::optional<std::string> error;  // text of a failure
    std::string data;                  // the rest, as Go prints maps: "map[callid:x caller:y]"
};
CallApiNews read_call_api_news(std::string_view text);

// A WebSocket to the Call API of a server. Belongs to its shard.
class CallApiClient {
  public:
    struct Handlers {
        UniqueFunction<void()> opened;
        UniqueFunction<void(std::string_view text)> text;
        // Once: never opened, or over. A sentence for a person.
        UniqueFunction<void(const std::string& why)> closed;
    };
    CallApiClient(net::Shard& shard, Handlers handlers)
        : shard_(shard), handlers_(std::move(handlers)) {}

    void open(const std::string& url);
    void send(std::string text);
    void close();

  private:
    net::Shard& shard_;
    Handlers handlers_;
    net::Operation connecting_;
    std::optional<net::WebSocket> socket_;
};

// {"jsonrpc":"2.0","method":...,"params":...,"id":"..."}; without params where there are none.
std::string write_call_api_request(const std::string& method,
                                   const std::optional<std::string>& params,
                                   const std::string& id);

}  // namespace patchbay::app
