// SPDX-License-Identifier: Apache-2.0
#include "support/provider_doubles.hpp"

#include <cstdlib>

namespace patchbay::test {
namespace {

namespace json = boost::json;

// What a task of Alibaba Cloud takes to start.
constexpr Milliseconds kTaskStart{150};

json::object object_of(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
    return !error && value.is_object() ? value.get_object() : json::object();
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(json::string_view(key.data(), key.size()));
    return found != nullptr && found->is_string() ? std::string(found->get_string().c_str())
                                                  : std::string();
}

json::object member(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(json::string_view(key.data(), key.size()));
    return found != nullptr && found->is_object() ? found->get_object() : json::object();
}

}  // namespace

// --- anybody's own engine

int WebSocketDouble::judge(const SocketRequest& request) {
    if (request.field("Authorization") != "Bearer " + std::string(kSecretKey)) {
        complain("Authorization");
        return 401;
    }
    return 101;
}

void WebSocketDouble::text(Connection& connection, std::string_view message, SocketReplies& out) {
    const json::object said = object_of(message);
    if (text_of(said, "type") == "start") {
        connection.started = text_of(said, "encoding") == "s16le";
    } else if (text_of(said, "type") == "end") {
        say(out, R"({"type":"done"})");
    } else {
        complain("unknown message");
    }
}

std::string WebSocketDouble::heard(
    Connection&, bool final, const std::string& words, Milliseconds begin, Milliseconds end) {
    return json::serialize(json::object{{"type", final ? "final" : "partial"},
                                        {"text", words},
                                        {"start", begin.count()},
                                        {"end", end.count()},
                                        {"confidence", 0.75}});
}

SocketReplies WebSocketDouble::error(Connection&) {
    return {{R"({"type":"error","message":"out of memory","code":507,"retry":true})"}};
}

// --- Deepgram

int DeepgramDouble::judge(const SocketRequest& request) {
    auto query = query_of(request.url);
    if (request.field("Authorization") != "Token " + std::string(kSecretKey)) {
        complain("Authorization");
        return 401;
    }
    if (query["encoding"] != "linear16" || query["channels"] != "1" || query["model"].empty() ||
        (query["sample_rate"] != "16000" && query["sample_rate"] != "8000")) {
        complain("query");
        return 400;
    }
    return 101;
}

void DeepgramDouble::text(Connection&, std::string_view message, SocketReplies& out) {
    const std::string type = text_of(object_of(message), "type");
    if (type == "CloseStream") {
        say(out, R"({"type":"Metadata","request_id":"r1","duration":1.5})");
        out.push_back({SocketClose{1000, ""}});
    } else if (type != "KeepAlive" && type != "Finalize") {
        complain("unknown message");
    }
}

std::string DeepgramDouble::heard(
    Connection&, bool final, const std::string& words, Milliseconds begin, Milliseconds end) {
    const auto seconds = [](Milliseconds t) { return static_cast<double>(t.count()) / 1000; };
    // "one two" is a segment that will not change; "three" comes with the end of the speech.
    const bool segment = words == "one two";
    const json::object alternative{
        {"transcript", final ? "three" : words}, {"confidence", 0.75}, {"words", json::array{}}};
    return json::serialize(
        json::object{{"type", "Results"},
                     {"channel_index", json::array{0, 1}},
                     {"start", seconds(begin)},
                     {"duration", seconds(end - begin)},
                     {"is_final", final || segment},
                     {"speech_final", final},
                     {"channel", json::object{{"alternatives", json::array{alternative}}}},
                     {"metadata", json::object{{"request_id", "r1"}}}});
}

SocketReplies DeepgramDouble::error(Connection&) {
    return {{SocketClose{1011, "NET-0001"}}};
}

// --- Tencent

int TencentDouble::judge(const SocketRequest& request) {
    const std::size_t scheme = request.url.find("://");
    const std::string address = request.url.substr(scheme + 3, request.url.find('?') - scheme - 3);
    auto query = query_of(request.url);
    const std::string signature = query["signature"];
    query.erase("signature");
    std::string plain;
    for (const auto& [name, value] : query) {
        plain += (plain.empty() ? "?" : "&") + name + "=" + value;
    }
    const auto number = [&](const std::string& name) { return std::atoll(query[name].c_str()); };
    const auto now = wall.milliseconds / 1000;
    granted_ = signature == signed_with(std::string(kSecretKey), address + plain);
    granted_ = granted_ && query["secretid"] == kSecretId && address.ends_with(kAppId);
    granted_ = granted_ && number("expired") > now && std::abs(number("timestamp") - now) < 600;
    granted_ = granted_ && number("nonce") > 0 && query["nonce"].size() <= 10;
    granted_ = granted_ && voice_ids_.insert(query["voice_id"]).second;
    if (!granted_) {
        complain("signature");
    }
    return 101;  // the first message tells
}

void TencentDouble::opened(Connection& connection, SocketReplies& out) {
    if (!granted_) {
        say(out, R"({"code":4002,"message":"authentication failed"})");
        out.push_back({SocketClose{1000, ""}});
        return;
    }
    connection.started = true;
    say(out, R"({"code":0,"message":"success","voice_id":"v1"})");
}

void TencentDouble::text(Connection&, std::string_view message, SocketReplies& out) {
    if (text_of(object_of(message), "type") != "end") {
        complain("unknown message");
        return;
    }
    say(out, R"({"code":0,"message":"success","voice_id":"v1","final":1})");
    out.push_back({SocketClose{1000, ""}});
}

std::string TencentDouble::heard(
    Connection&, bool final, const std::string& words, Milliseconds begin, Milliseconds end) {
    const json::object result{{"slice_type", final ? 2 : 1}, {"index", 0},
                              {"start_time", begin.count()}, {"end_time", end.count()},
                              {"voice_text_str", words},     {"word_size", 0},
                              {"word_list", json::array{}}};
    return json::serialize(json::object{{"code", 0},
                                        {"message", "success"},
                                        {"voice_id", "v1"},
                                        {"message_id", "m1"},
                                        {"result", result}});
}

SocketReplies TencentDouble::error(Connection&) {
    return {{json::serialize(json::object{{"code", error_code}, {"message", "trouble"}})},
            {SocketClose{1000, ""}}};
}

// --- Alibaba Cloud

int AliyunDouble::judge(const SocketRequest& request) {
    if (request.field("Authorization") != "Bearer " + std::string(kSecretKey)) {
        complain("Authorization");
        return 401;
    }
    return 101;
}

std::string AliyunDouble::event(const std::string& name, json::object payload) const {
    return json::serialize(json::object{
        {"header",
         json::object{{"event", name}, {"task_id", task_id_}, {"attributes", json::object{}}}},
        {"payload", std::move(payload)}});
}

void AliyunDouble::text(Connection& connection, std::string_view message, SocketReplies& out) {
    const json::object said = object_of(message);
    const json::object header = member(said, "header");
    const json::object payload = member(said, "payload");
    const std::string action = text_of(header, "action");
    if (action == "run-task") {
        task_id_ = text_of(header, "task_id");
        if (task_id_.empty() || text_of(payload, "task") != "asr" ||
            text_of(payload, "model").empty() || text_of(header, "streaming") != "duplex") {
            complain("run-task");
        }
        connection.started = true;
        connection.ready_at = connection.text_at + kTaskStart;
        out.push_back({event("task-started", {}), kTaskStart});
    } else if (action == "finish-task") {
        if (text_of(header, "task_id") != task_id_) {
            complain("another task");
        }
        say(out, event("task-finished", {}));
    } else {
        complain("unknown message");
    }
}

std::string AliyunDouble::heard(
    Connection&, bool final, const std::string& words, Milliseconds begin, Milliseconds end) {
    json::object sentence{{"begin_time", begin.count()},
                          {"end_time", nullptr},
                          {"text", words},
                          {"sentence_end", final},
                          {"words", json::array{json::object{{"begin_time", begin.count()},
                                                             {"end_time", end.count()},
                                                             {"text", words},
                                                             {"punctuation", ""}}}}};
    if (final) {
        sentence["end_time"] = end.count();
    }
    return event("result-generated", {{"output", json::object{{"sentence", sentence}}}});
}

SocketReplies AliyunDouble::error(Connection&) {
    const json::object header{{"event", "task-failed"},
                              {"task_id", task_id_},
                              {"error_code", error_code},
                              {"error_message", "trouble"}};
    return {{json::serialize(json::object{{"header", header}, {"payload", json::object{}}})},
            {SocketClose{1007, ""}}};
}

}  // namespace patchbay::test
