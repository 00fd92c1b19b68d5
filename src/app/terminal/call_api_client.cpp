// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/call_api_client.hpp"

#include "wire/json_reader.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <map>
#include <utility>

namespace patchbay::app {
namespace {

using boost::json::object;
using boost::json::value;

// The members of responses and notifications, as both dialects have them.
constexpr std::string_view kError = "error";
constexpr std::string_view kMessage = "message";
constexpr std::string_view kResult = "result";
constexpr std::string_view kMethod = "method";
constexpr std::string_view kParams = "params";
constexpr std::string_view kCommandId = "cmd_id";
constexpr std::string_view kStatus = "status";
constexpr std::string_view kEvent = "event";
constexpr std::string_view kData = "data";
constexpr std::string_view kErrorText = "error_msg";

std::string text_at(const object& json, std::string_view key) {
    const value* found = json.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : std::string();
}

// "map[a:1 b:2]", keys sorted, as Go prints it.
std::string go_map(const object& json) {
    std::map<std::string, std::string> sorted;
    for (const auto& member : json) {
        sorted.emplace(member.key(), wire::read_lenient_text(member.value()).value_or("<nil>"));
    }
    std::string out = "map[";
    for (const auto& [key, text] : sorted) {
        out += (out.size() > 4 ? " " : "") + key + ":" + text;
    }
    return out + "]";
}

void read_notification(std::string_view method, const object& params, CallApiNews& news) {
    news.cmd_id = text_at(params, kCommandId);
    if (params.contains(kEvent)) {  // the later dialect
        news.event = text_at(params, kEvent);
        news.ended = news.event == "Ended";
        if (news.event == "Error") {
            news.error = text_at(params, kData);
        }
    } else {
        news.event = method == "Event" ? text_at(params, kData) : std::string(method);
        news.ended = method == "Ended";
        if (method == "Error") {
            news.error = text_at(params, kErrorText);
        }
    }
    if (const value* data = params.if_contains(kData); data != nullptr && data->is_object()) {
        news.data = go_map(data->get_object());
    } else {
        object rest = params;
        for (const std::string_view known : {kCommandId, kEvent, kData, kErrorText}) {
            rest.erase(known);
        }
        news.data = go_map(rest);
    }
}

}  // namespace

CallApiNews read_call_api_news(std::string_view text) {
    CallApiNews news;
    const auto json = wire::parse_json(text);
    const object* message = json ? json->if_object() : nullptr;
    if (message == nullptr) {
        return news;
    }
    if (const value* error = message->if_contains(kError); error != nullptr) {
        news.error_response = true;
        news.error = error->is_object() ? text_at(error->get_object(), kMessage) : "error";
    } else if (const value* result = message->if_contains(kResult); result != nullptr) {
        const bool is_command = result->is_object() && result->get_object().contains(kCommandId) &&
                                text_at(result->get_object(), kStatus) == "Started";
        news.started = is_command;
        news.ended = !is_command;  // a query is answered, and over
        if (is_command) {
            news.cmd_id = text_at(result->get_object(), kCommandId);
        }
    } else if (const value* params = message->if_contains(kParams);
               params != nullptr && params->is_object()) {
        read_notification(text_at(*message, kMethod), params->get_object(), news);
    }
    return news;
}

void CallApiClient::open(const std::string& url) {
    net::WebSocketConnect request;
    request.url = url;
    connecting_ = net::connect_web_socket(
        shard_, std::move(request),
        [this, url](tl::expected<net::WebSocket, net::WebSocketRefusal> result) {
            if (!result) {
                return handlers_.closed(
                    result.error().response
                        ? fmt::format("{} refused: {}", url, result.error().response->status)
                        : fmt::format("no server at {} ({}): start one with `patchbay serve` or "
                                      "`patchbay call-api`",
                                      url, describe(result.error().error)));
            }
            socket_.emplace(std::move(*result));
            socket_->start({
                .text = [this](Instant, std::string_view text) { handlers_.text(text); },
                .binary = {},
                .pong = {},
                .closed =
                    [this](Instant, const net::WebSocketClosed& how) {
                        handlers_.closed(
                            fmt::format("the server closed the connection ({})", how.code));
                    },
            });
            handlers_.opened();
        });
}

void CallApiClient::send(std::string text) {
    if (socket_) {
        socket_->send_text(std::move(text));
    }
}

void CallApiClient::close() {
    if (socket_) {
        socket_->close(net::close_code::kNormal, "");
    }
}

std::string write_call_api_request(const std::string& method,
                                   const std::optional<std::string>& params,
                                   const std::string& id) {
    wire::JsonWriter writer;
    writer.begin_object();
    writer.key("jsonrpc");
    writer.text("2.0");
    writer.key("method");
    writer.text(method);
    if (params) {
        writer.key("params");
        writer.verbatim(*params);
    }
    writer.key("id");
    writer.text(id);
    writer.end_object();
    return writer.take();
}

}  // namespace patchbay::app
