// SPDX-License-Identifier: Apache-2.0
#include "sip/session_timer.hpp"

#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using Refresher = SessionTimer::Refresher;
using Due = SessionTimer::Due;
using testing::ElementsAre;
using testing::IsEmpty;

Message with_headers(std::string_view start_line, std::string_view headers) {
    std::string text(start_line);
    text +=
        "\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx\r\nFrom: <sip:a@h>;tag=a\r\n"
        "To: <sip:b@h>;tag=b\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n";
    text += headers;
    text += "\r\n";
    return *Message::parse(text);
}
Message request(std::string_view headers) {
    return with_headers("INVITE sip:b@h SIP/2.0", headers);
}
Message response(std::string_view headers) {
    return with_headers("SIP/2.0 200 OK", headers);
}

// RFC 4028 9, table 2, and what our policy adds where it leaves the choice.
struct Case {
    std::string_view what;
    std::string_view request;
    Refresher refresher;
    int seconds;
    std::string_view answer;  // Session-Expires of the 2xx
    bool required;            // Require: timer
};
const Case kCases[] = {
    {"caller supports, names nobody", "Supported: timer\r\nSession-Expires: 120\r\n",
     Refresher::Remote, 120, "120;refresher=uac", true},
    {"caller supports, names itself", "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n",
     Refresher::Remote, 120, "120;refresher=uac", true},
    {"caller supports, names us", "Supported: timer\r\nSession-Expires: 120;refresher=uas\r\n",
     Refresher::Local, 120, "120;refresher=uas", false},
    {"a proxy asked for a caller that does not", "Session-Expires: 120\r\n", Refresher::Local, 120,
     "120;refresher=uas", false},
    {"longer than we like is shortened", "Supported: timer\r\nSession-Expires: 7200\r\n",
     Refresher::Remote, 1800, "1800;refresher=uac", true},
    {"but not below the proxy's minimum",
     "Supported: timer\r\nSession-Expires: 7200\r\nMin-SE: 3600\r\n", Refresher::Remote, 3600,
     "3600;refresher=uac", true},
    {"caller supports without asking: we refresh", "Supported: timer\r\n", Refresher::Local, 1800,
     "1800;refresher=uas", false},
    {"caller knows nothing of it", "", Refresher::None, 0, "", false},
};

TEST(SessionTimer, AnswersARequestByTable2) {
    for (const Case& one : kCases) {
        SessionTimer timer({});
        const ExtraHeaders headers = timer.accept(Instant(), request(one.request));
        EXPECT_EQ(timer.refresher(), one.refresher) << one.what;
        EXPECT_EQ(timer.interval(), Seconds(one.seconds)) << one.what;
        ExtraHeaders expected;
        if (!one.answer.empty()) {
            expected.push_back({"Session-Expires", std::string(one.answer)});
        }
        if (one.required) {
            expected.push_back({"Require", "timer"});
        }
        EXPECT_EQ(headers, expected) << one.what;
    }
}

TEST(SessionTimer, WhereItIsNotOfferedOnlyThoseWhoAskGetOne) {
    SessionTimer timer({.offered = false});
    EXPECT_THAT(timer.request_headers(), IsEmpty());
    EXPECT_THAT(timer.accept(Instant(), request("Supported: timer\r\n")), IsEmpty());
    EXPECT_EQ(timer.refresher(), Refresher::None);
    timer.accept(Instant(), request("Supported: timer\r\nSession-Expires: 120\r\n"));
    EXPECT_EQ(timer.refresher(), Refresher::Remote);
}

TEST(SessionTimer, RefusesAShorterIntervalThanOursOnlyToThoseWhoKnow422) {
    const SessionTimer timer({.minimum = Seconds(100)});
    EXPECT_EQ(timer.refusal_of(request("Supported: timer\r\nSession-Expires: 99\r\n")),
              Seconds(100));
    EXPECT_FALSE(timer.refusal_of(request("Supported: timer\r\nSession-Expires: 100\r\n")));
    EXPECT_FALSE(timer.refusal_of(request("Session-Expires: 10\r\n")));
}

TEST(SessionTimer, TheRefresherRefreshesAtHalfTime) {
    SessionTimer timer({});
    timer.handle_success(Instant(), response("Session-Expires: 200;refresher=uac\r\n"));
    EXPECT_EQ(timer.next_timeout(), Instant(Seconds(100)));
    EXPECT_EQ(timer.handle_timeout(Instant(Seconds(99))), Due::Nothing);
    EXPECT_EQ(timer.handle_timeout(Instant(Seconds(100))), Due::Refresh);
    EXPECT_THAT(timer.request_headers(),
                ElementsAre(ExtraHeader{"Session-Expires", "200;refresher=uac"}));
    timer.handle_success(Instant(Seconds(100)), response("Session-Expires: 200;refresher=uac\r\n"));
    EXPECT_EQ(timer.next_timeout(), Instant(Seconds(200)));
}

TEST(SessionTimer, WithoutRefreshTheSessionEndsBeforeItsTime) {  // RFC 4028 10
    const struct {
        int interval;
        int end;
    } cases[] = {{90, 60}, {96, 64}, {200, 168}, {1800, 1768}};
    for (const auto& one : cases) {
        SessionTimer timer({});
        timer.handle_success(
            Instant(),
            response("Session-Expires: " + std::to_string(one.interval) + ";refresher=uas\r\n"));
        EXPECT_EQ(timer.refresher(), Refresher::Remote);
        EXPECT_EQ(timer.next_timeout(), Instant(Seconds(one.end)));
        EXPECT_EQ(timer.handle_timeout(Instant(Seconds(one.end))), Due::Expire);
        EXPECT_FALSE(timer.next_timeout());
    }
}

TEST(SessionTimer, ARefreshThatFailsIsTriedAgainUntilTheEnd) {
    SessionTimer timer({});
    timer.handle_success(Instant(), response("Session-Expires: 200;refresher=uac\r\n"));
    EXPECT_EQ(timer.handle_timeout(Instant(Seconds(100))), Due::Refresh);
    timer.handle_refresh_failed(Instant(Seconds(101)), Milliseconds(2'500));
    EXPECT_EQ(timer.next_timeout(), Instant(Milliseconds(103'500)));
    EXPECT_EQ(timer.handle_timeout(Instant(Milliseconds(103'500))), Due::Refresh);
    timer.handle_refresh_failed(Instant(Seconds(104)), std::nullopt);
    EXPECT_EQ(timer.handle_timeout(Instant(Seconds(136))), Due::Refresh);
    EXPECT_EQ(timer.next_timeout(), Instant(Seconds(168)));
    EXPECT_EQ(timer.handle_timeout(Instant(Seconds(168))), Due::Expire);
}

TEST(SessionTimer, ASuccessWithoutAnIntervalTurnsItOff) {  // RFC 4028 7.2
    SessionTimer timer({});
    timer.handle_success(Instant(), response("Session-Expires: 200;refresher=uac\r\n"));
    timer.handle_success(Instant(Seconds(5)), response(""));
    EXPECT_EQ(timer.refresher(), Refresher::None);
    EXPECT_FALSE(timer.next_timeout());
}

TEST(SessionTimer, A422RaisesTheIntervalAndSaysSo) {  // RFC 4028 7.3
    SessionTimer timer({});
    EXPECT_THAT(timer.request_headers(), ElementsAre(ExtraHeader{"Session-Expires", "1800"}));
    EXPECT_TRUE(timer.handle_interval_too_small(response("Min-SE: 3600\r\n")));
    EXPECT_THAT(timer.request_headers(),
                ElementsAre(ExtraHeader{"Session-Expires", "3600"}, ExtraHeader{"Min-SE", "3600"}));
}

TEST(SessionTimer, A422WithoutAMinimumOrAgainAndAgainIsARefusal) {
    SessionTimer timer({});
    EXPECT_FALSE(timer.handle_interval_too_small(response("")));
    for (int i = 0; i < kMaxSessionIntervalTries; ++i) {
        EXPECT_TRUE(timer.handle_interval_too_small(response("Min-SE: 3600\r\n")));
    }
    EXPECT_FALSE(timer.handle_interval_too_small(response("Min-SE: 3600\r\n")));
}

TEST(SessionTimer, ACallThatForgoesItHasNoneWhateverThePeerSays) {
    SessionTimer timer({});
    timer.forgo();
    EXPECT_THAT(timer.request_headers(), IsEmpty());
    timer.handle_success(Instant(), response("Session-Expires: 200;refresher=uac\r\n"));
    EXPECT_FALSE(timer.next_timeout());
    EXPECT_THAT(timer.accept(Instant(), request("Supported: timer\r\nSession-Expires: 1800\r\n")),
                IsEmpty());
    EXPECT_FALSE(timer.next_timeout());
}

TEST(SessionTimer, AHostileIntervalDoesNotMakeItBusy) {
    SessionTimer timer({});
    timer.handle_success(Instant(), response("Session-Expires: 0;refresher=uac\r\n"));
    EXPECT_EQ(timer.interval(), Seconds(90));
}

}  // namespace
}  // namespace patchbay::sip
