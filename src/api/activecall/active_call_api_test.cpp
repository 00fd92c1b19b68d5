// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/active_call_api.hpp"

#include "api/messages/command_json.hpp"
#include "net/http_client.hpp"
#include "support/fake_calls.hpp"
#include "support/run_shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::api::activecall {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

struct Heard {
    std::vector<std::string> texts;
    std::vector<Bytes> audio;
    std::vector<std::string> pings;
    std::optional<net::WebSocketClosed> closed;

    net::WebSocketHandlers handlers() {
        return {
            .text = [this](Instant, std::string_view text) { texts.emplace_back(text); },
            .binary = [this](Instant,
                             ByteView bytes) { audio.emplace_back(bytes.begin(), bytes.end()); },
            .pong = {},
            .closed = [this](Instant, const net::WebSocketClosed& how) { closed = how; }};
    }
};

class ActiveCallOnLoopback : public testing::Test {
  protected:
    void SetUp() override {
        server_ = std::make_unique<net::HttpServer>(shard_);
        api_.add_routes(*server_);
        shard_.on_tick([this](const net::Tick& tick) { api_.handle_time(tick.now); });
        address_ = server_->listen({IpAddress::v4(127, 0, 0, 1), 0}).value();
    }

    // A WebSocket on `target`, or the status with which it was refused.
    tl::expected<net::WebSocket, net::WebSocketRefusal> connect(const std::string& target) {
        std::optional<tl::expected<net::WebSocket, net::WebSocketRefusal>> outcome;
        net::WebSocketConnect request;
        request.url = "ws://" + address_.to_string() + target;
        const net::Operation operation = net::connect_web_socket(
            shard_, std::move(request), [&](auto result) { outcome = std::move(result); });
        EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
        return std::move(*outcome);
    }
    net::WebSocket open(const std::string& target) {
        auto socket = connect(target);
        EXPECT_TRUE(socket);
        socket->start(heard_.handlers());
        return std::move(*socket);
    }
    int refusal(const std::string& target) {
        const auto socket = connect(target);
        return socket ? 101
                      : socket.error().response.value_or(net::HttpResponse{.status = 0}).status;
    }
    net::HttpResponse request(net::HttpMethod method,
                              const std::string& target,
                              const std::string& body = {},
                              const std::string& type = "application/json") {
        std::optional<Result<net::HttpResponse>> outcome;
        net::HttpFetch fetch;
        fetch.method = method;
        fetch.body = body;
        fetch.fields.set("Content-Type", type);
        fetch.url = "http://" + address_.to_string() + target;
        const net::Operation operation =
            net::fetch(shard_, std::move(fetch), [&](auto result) { outcome = std::move(result); });
        EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
        return std::move(**outcome);
    }
    template <class Predicate>
    bool run_until(Predicate&& done) {
        return test::run_until(shard_, done);
    }

    net::Shard shard_;
    test::FakeCalls calls_;
    // Speaks what it is told to, unless the text says that it must not.
    std::vector<PrecacheRequest> precached_;
    ActiveCallApi api_{
        calls_,
        {.wall = net::read_wall_anchor(),
         .ice_servers = [](WallTime) { return std::string("[]"); },
         .precache =
             [this](const PrecacheRequest& request, PrecacheAnswer answer) {
                 precached_.push_back(request);
                 if (request.tts.text == "fail") {
                     answer(tl::unexpected<std::string>("provider nobody is not known"));
                 } else {
                     answer(Precached{.existed = precached_.size() > 1,
                                      .cache_key = request.tts.cache_key.value_or("made"),
                                      .bytes = 640});
                 }
             }}};
    std::unique_ptr<net::HttpServer> server_;
    SocketAddress address_;
    Heard heard_;
};

TEST_F(ActiveCallOnLoopback, PrecacheSpeaksATtsCommandAndTellsWhereItIsKept) {
    const std::string body =
        R"({"command":"tts","text":"Hello","speaker":"ann","cacheKey":"greeting","option":{"provider":"flite"}})";
    const auto cached = request(net::HttpMethod::Post, "/precache", body);
    EXPECT_EQ(cached.status, 200);
    EXPECT_EQ(cached.body, R"({"status":"cached","cacheKey":"greeting","bytes":640})");
    ASSERT_THAT(precached_, SizeIs(1));
    EXPECT_EQ(precached_[0].tts.text, "Hello");
    EXPECT_EQ(precached_[0].tts.speaker, "ann");
    EXPECT_TRUE(precached_[0].client.is_loopback());
    EXPECT_EQ(request(net::HttpMethod::Post, "/precache", body).body,
              R"({"status":"exists","cacheKey":"greeting","bytes":640})");
}

TEST_F(ActiveCallOnLoopback, PrecacheRefusesWhatIsNoTtsAndTellsWhyNothingWasSpoken) {
    const auto post = [&](const std::string& body) {
        return request(net::HttpMethod::Post, "/precache", body);
    };
    const auto other = post(R"({"command":"play","url":"a.wav"})");
    EXPECT_EQ(other.status, 400);
    EXPECT_EQ(other.body, R"({"status":"error","error":"precache only accepts tts commands"})");
    for (const char* bad : {"{", "{}", R"({"text":"no command"})", R"({"command":"tts"})",
                            R"({"command":"tts","text":"AAAA","base64":true})"}) {
        const auto refused = post(bad);
        EXPECT_EQ(refused.status, 400) << bad;
        EXPECT_THAT(refused.body, StartsWith(R"({"status":"error","error":")"));
    }
    EXPECT_EQ(request(net::HttpMethod::Post, "/precache", "{}", "text/plain").status, 415);
    EXPECT_TRUE(precached_.empty());
    const auto failed = post(R"({"command":"tts","text":"fail"})");
    EXPECT_EQ(failed.status, 500);
    EXPECT_EQ(failed.body, R"({"status":"error","error":"provider nobody is not known"})");
}

TEST_F(ActiveCallOnLoopback, TheFirstThingThatAClientHearsIsAPing) {
    const net::WebSocket socket = open("/call/sip?id=a");
    ASSERT_TRUE(run_until([&] { return !heard_.texts.empty(); }));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"({"event":"ping","timestamp":)"));
}

TEST_F(ActiveCallOnLoopback, WithoutAPingIntervalNoPingIsSent) {
    net::WebSocket socket = open("/call/sip?id=a&pingInterval=0");
    socket.send_text("?");
    ASSERT_TRUE(run_until([&] { return !heard_.texts.empty(); }));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"("event":"error")"));
}

TEST_F(ActiveCallOnLoopback, ParametersReachTheCallAndATrailingSlashIsAllowed) {
    const net::WebSocket socket = open("/call/sip/?id=s%201&serverSideTrack=bot");
    ASSERT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    EXPECT_EQ(calls_.begun[0].id.value(), "s 1");
    EXPECT_EQ(calls_.begun[0].server_track, "bot");
}

TEST_F(ActiveCallOnLoopback, WithoutAnIdTheServerMakesOne) {
    const net::WebSocket socket = open("/call/sip");
    ASSERT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    EXPECT_EQ(calls_.begun[0].id.value(), "made-1");
}

TEST_F(ActiveCallOnLoopback, ACommandReachesTheCallWithItsRequestId) {
    net::WebSocket socket = open("/call/sip?id=a");
    socket.send_text(R"({"command":"hangup","reason":"r","requestId":"q7"})");
    ASSERT_TRUE(run_until([&] { return calls_.commands.size() == 1; }));
    EXPECT_EQ(call::name_of(calls_.commands[0].command), "hangup");
    EXPECT_EQ(calls_.commands[0].request_id, "q7");
}

TEST_F(ActiveCallOnLoopback, AMessageThatIsNoCommandIsAnErrorEventAndTheSocketLivesOn) {
    net::WebSocket socket = open("/call/sip?id=a&pingInterval=0");
    for (const char* bad :
         {"{", "[]", R"({"command":"nope","requestId":"q1"})", R"({"command":"tts"})"}) {
        socket.send_text(bad);
    }
    socket.send_text(R"({"command":"hangup"})");
    ASSERT_TRUE(run_until([&] { return calls_.commands.size() == 1 && heard_.texts.size() == 4; }));
    for (const std::string& text : heard_.texts) {
        EXPECT_THAT(text, HasSubstr(R"("event":"error","trackId":"a")"));
        EXPECT_THAT(text, HasSubstr(R"("sender":"command")"));
        EXPECT_THAT(text, HasSubstr(R"("code":400)"));
    }
    EXPECT_THAT(heard_.texts[2], HasSubstr(R"("requestId":"q1")"));
    EXPECT_THAT(heard_.texts[3], HasSubstr("text"));
    EXPECT_EQ(api_.counters().malformed_commands, 4U);
}

TEST_F(ActiveCallOnLoopback, BinaryMessagesAreAudioOfTheCallBothWays) {
    net::WebSocket socket = open("/call?id=a&pingInterval=0");
    const Bytes audio(160, 7);
    socket.send_binary(audio);
    ASSERT_TRUE(run_until([&] { return calls_.audio.size() == 1; }));
    EXPECT_EQ(calls_.begun.at(0).kind, call::SessionKind::WebSocket);
    EXPECT_EQ(calls_.audio[0], audio);
    calls_.listener->on_audio(audio);
    ASSERT_TRUE(run_until([&] { return heard_.audio.size() == 1; }));
    EXPECT_EQ(heard_.audio[0], audio);
    EXPECT_EQ(api_.counters().audio_received, 1U);
    EXPECT_EQ(api_.counters().audio_sent, 1U);
}

TEST_F(ActiveCallOnLoopback, AudioIsAnEventWhereTheClientAsksForJson) {
    const net::WebSocket socket = open("/call/?id=a&pingInterval=0&binaryEvents=json");
    ASSERT_TRUE(run_until([&] { return calls_.listener != nullptr; }));
    calls_.listener->on_audio(Bytes{1, 255});
    ASSERT_TRUE(run_until([&] { return heard_.texts.size() == 1; }));
    EXPECT_THAT(heard_.texts[0], StartsWith(R"({"event":"binary","trackId":"a","timestamp":)"));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"("data":[1,255])"));
}

TEST_F(ActiveCallOnLoopback, EventsOfTheCallAreTextAndItsEndClosesWithItsReason) {
    const net::WebSocket socket = open("/call/sip?id=a&pingInterval=0");
    ASSERT_TRUE(run_until([&] { return calls_.listener != nullptr; }));
    calls_.listener->on_event(call::event::Dtmf{.track_id = call::TrackId("a"), .digit = "5"}, 1);
    calls_.listener->on_event(
        call::event::Hangup{.track_id = call::TrackId("a"), .reason = "byCaller"}, 2);
    calls_.listener->on_ended();
    ASSERT_TRUE(run_until([&] { return heard_.closed.has_value(); }));
    ASSERT_THAT(heard_.texts, SizeIs(2));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"("event":"dtmf")"));
    EXPECT_THAT(heard_.texts[1], HasSubstr(R"("event":"hangup")"));
    EXPECT_EQ(heard_.closed->code, net::close_code::kNormal);
    EXPECT_EQ(heard_.closed->reason, "byCaller");
    EXPECT_TRUE(run_until([&] { return api_.sockets() == 0; }));
}

TEST_F(ActiveCallOnLoopback, AClosedSocketGivesItsCallUp) {
    net::WebSocket socket = open("/call/sip?id=a");
    ASSERT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    socket.close(net::close_code::kNormal, "");
    EXPECT_TRUE(run_until([&] { return calls_.ports_closed == 1 && api_.sockets() == 0; }));
}

TEST_F(ActiveCallOnLoopback, AnIdThatIsTakenIsRefusedBeforeTheUpgrade) {
    const net::WebSocket socket = open("/call/sip?id=a");
    ASSERT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    EXPECT_EQ(refusal("/call/sip?id=a"), 409);
    EXPECT_EQ(calls_.begun.size(), 1U);
}

TEST_F(ActiveCallOnLoopback, WrongParametersUnservedPathsAndAServerThatGoesDownSaySo) {
    EXPECT_EQ(refusal("/call/sip?pingInterval=x"), 400);
    EXPECT_EQ(refusal("/call/sip?id=lists"), 400);
    calls_.draining = true;
    EXPECT_EQ(refusal("/call/sip?id=late"), 503);
    EXPECT_TRUE(calls_.taken.empty());
}

TEST_F(ActiveCallOnLoopback, BothKillRoutesAnswerInTheirOwnShape) {
    calls_.taken.insert("a b");
    EXPECT_EQ(request(net::HttpMethod::Post, "/call/kill/a%20b").body, "true");
    EXPECT_EQ(request(net::HttpMethod::Get, "/kill/a%20b").body,
              R"({"status":"killed","id":"a b"})");
    EXPECT_THAT(calls_.killed, ElementsAre("a b", "a b"));
    EXPECT_EQ(request(net::HttpMethod::Post, "/call/kill/x").status, 404);
    const net::HttpResponse unknown = request(net::HttpMethod::Get, "/kill/x");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, R"({"status":"not_found","id":"x"})");
    EXPECT_EQ(request(net::HttpMethod::Get, "/call/kill/a").status, 405);
}

TEST_F(ActiveCallOnLoopback, ACommandByPostReachesItsCall) {
    calls_.taken.insert("a b");
    const auto sent = request(net::HttpMethod::Post, "/command/a%20b",
                              R"({"command":"tts","text":"hi","requestId":"r"})");
    EXPECT_EQ(sent.status, 200);
    EXPECT_EQ(sent.body, R"({"status":"sent","id":"a b"})");
    ASSERT_THAT(calls_.commands, SizeIs(1));
    EXPECT_EQ(calls_.commands[0].request_id, "r");
    EXPECT_EQ(std::get<call::command::Tts>(calls_.commands[0].command).text, "hi");
}

TEST_F(ActiveCallOnLoopback, ACommandByPostThatIsNoneSaysWhy) {
    calls_.taken.insert("a");
    const auto post = [&](const std::string& target, const std::string& body,
                          const std::string& type = "application/json") {
        return request(net::HttpMethod::Post, target, body, type);
    };
    EXPECT_EQ(post("/command/a", "{").status, 400);
    EXPECT_EQ(post("/command/a", R"({"command":"tts"})").status, 422);
    EXPECT_EQ(post("/command/a", R"({"command":"nope"})").status, 422);
    EXPECT_EQ(post("/command/a", R"({"command":"hangup"})", "text/plain").status, 415);
    const auto unknown = post("/command/x", R"({"command":"hangup"})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, R"({"status":"not_found","id":"x"})");
    EXPECT_TRUE(calls_.commands.empty());
}

TEST_F(ActiveCallOnLoopback, EventsAndCommandsOfACallAreStreamedUntilItsEnd) {
    calls_.taken.insert("a");
    std::optional<Result<net::HttpResponse>> outcome;
    net::HttpFetch fetch;
    fetch.url = "http://" + address_.to_string() + "/events/a";
    const net::Operation operation =
        net::fetch(shard_, std::move(fetch), [&](auto result) { outcome = std::move(result); });
    ASSERT_TRUE(run_until([&] { return calls_.observer != nullptr; }));
    calls_.observer->on_event(call::event::Dtmf{.track_id = call::TrackId("a"), .digit = "5"}, 1);
    call::command::Invite invite;
    invite.option.sip = call::SipOption{.password = Secret<std::string>("planted secret")};
    calls_.observer->on_command({.command = invite, .request_id = std::nullopt});
    calls_.observer->on_ended();
    ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((*outcome)->fields.find("content-type"), "text/event-stream;charset=utf-8");
    EXPECT_THAT((*outcome)->body, HasSubstr("event: event\ndata: {\"event\":\"dtmf\""));
    EXPECT_THAT((*outcome)->body, HasSubstr("event: command\ndata: {\"command\":\"invite\""));
    EXPECT_THAT((*outcome)->body, testing::Not(HasSubstr("planted secret")));
    EXPECT_TRUE(run_until([&] { return calls_.observer == nullptr; }));
}

TEST_F(ActiveCallOnLoopback, EventsOfACallThatIsNotThereAre404AsText) {
    const auto unknown = request(net::HttpMethod::Get, "/events/x");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, "track not active");
}

TEST_F(ActiveCallOnLoopback, ACallThatIsTakenUnderAnotherNameKeepsItsOwn) {
    calls_.alias = call::SessionId("dialog");
    net::WebSocket socket = open("/call/sip?id=call-id&pingInterval=0");
    ASSERT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    EXPECT_EQ(calls_.begun[0].id.value(), "dialog");
    socket.send_text("{");
    ASSERT_TRUE(run_until([&] { return heard_.texts.size() == 1; }));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"("trackId":"dialog")"));
}

TEST_F(ActiveCallOnLoopback, AClientThatMayComeBackGetsATokenAndNumberedEvents) {
    const net::WebSocket socket = open("/call/sip?id=a&resume=30&pingInterval=0");
    ASSERT_TRUE(run_until([&] { return calls_.listener != nullptr; }));
    EXPECT_EQ(calls_.terms[0].hold, Seconds(30));
    EXPECT_EQ(calls_.terms[0].resume_token, "made-1");
    calls_.listener->on_event(call::event::Dtmf{.track_id = call::TrackId("a"), .digit = "5"}, 7);
    calls_.listener->on_event(call::event::Dtmf{.track_id = call::TrackId("a"), .digit = "6"}, 8);
    ASSERT_TRUE(run_until([&] { return heard_.texts.size() == 2; }));
    EXPECT_THAT(heard_.texts[0], HasSubstr(R"("seq":7,"resumeToken":"made-1"})"));
    EXPECT_THAT(heard_.texts[1], testing::EndsWith(R"("seq":8})"));
}

TEST_F(ActiveCallOnLoopback, AClientThatDoesNotComeBackSeesNoNumbers) {
    const net::WebSocket socket = open("/call/sip?id=a&pingInterval=0");
    ASSERT_TRUE(run_until([&] { return calls_.listener != nullptr; }));
    calls_.listener->on_event(call::event::Dtmf{.track_id = call::TrackId("a"), .digit = "5"}, 7);
    ASSERT_TRUE(run_until([&] { return heard_.texts.size() == 1; }));
    EXPECT_THAT(heard_.texts[0], testing::Not(HasSubstr("seq")));
}

TEST_F(ActiveCallOnLoopback, AReturnIsAdmittedOrRefusedBeforeTheUpgrade) {
    const std::string back = "/call/sip?id=a&resume=30&resumeToken=t&lastSeq=4";
    calls_.resume_error = Error{Errc::NotFound, "call"};
    EXPECT_EQ(refusal(back), 404);
    calls_.resume_error = Error{Errc::Forbidden, "token"};
    EXPECT_EQ(refusal(back), 403);
    calls_.resume_error = Error{Errc::OutOfRange, "events"};
    EXPECT_EQ(refusal(back), 410);
    calls_.resume_error.reset();
    const net::WebSocket socket = open(back);
    EXPECT_TRUE(run_until([&] { return calls_.begun.size() == 1; }));
    EXPECT_EQ(calls_.resumed.back(), "a t 4");
    EXPECT_EQ(refusal("/call/sip?id=a&resume=x"), 400);
    EXPECT_EQ(refusal("/call/sip?id=a&resume=601"), 400);
    EXPECT_EQ(refusal("/call/sip?resumeToken=t"), 400);
    EXPECT_EQ(refusal("/call/sip?id=a&resumeToken=t&lastSeq=-1"), 400);
}

TEST_F(ActiveCallOnLoopback, ADisplacedConnectionIsClosedAndSaysWhy) {
    const net::WebSocket socket = open("/call/sip?id=a&resume=30&pingInterval=0");
    ASSERT_TRUE(run_until([&] { return calls_.listener != nullptr; }));
    calls_.listener->on_displaced("another connection controls the call now");
    ASSERT_TRUE(run_until([&] { return heard_.closed.has_value(); }));
    EXPECT_EQ(heard_.closed->code, net::close_code::kPolicy);
    EXPECT_EQ(heard_.closed->reason, "another connection controls the call now");
}

TEST_F(ActiveCallOnLoopback, BothListRoutesAnswerInTheirOwnShape) {
    call::SessionSummary summary;
    summary.id = call::SessionId("s1");
    summary.caller = "sip:me:secret@h";
    calls_.summaries.push_back(summary);
    const std::string lists = request(net::HttpMethod::Get, "/call/lists").body;
    EXPECT_THAT(lists, HasSubstr(R"({"calls":[{"id":"s1","call_type":"sip","created_at":)"));
    EXPECT_THAT(lists, testing::Not(HasSubstr("secret")));
    EXPECT_THAT(request(net::HttpMethod::Get, "/list").body,
                HasSubstr(R"({"active_calls":[{"id":"s1")"));
    EXPECT_EQ(request(net::HttpMethod::Get, "/iceservers").body, "[]");
}

}  // namespace
}  // namespace patchbay::api::activecall
