// SPDX-License-Identifier: Apache-2.0
#include "bridge/page/remote_chrome.hpp"

#include "bridge/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::bridge::page {
namespace {

using devtools::Event;
using devtools::EventKind;
using devtools::Reply;
using devtools::Request;
using testing::HasSubstr;

const std::string kGuid = "/devtools/browser/4f0c";
const std::string kPage = "http://10.0.0.5:9080/";

TEST(BrowserUrl, IsTheBrowsersPathAtTheHostThatTheOperatorGave) {
    EXPECT_EQ(browser_url("ws://10.1.0.7:9223", "ws://127.0.0.1:9222" + kGuid),
              "ws://10.1.0.7:9223" + kGuid);
    EXPECT_EQ(browser_url("http://10.1.0.7:9223/", "ws://127.0.0.1:9222" + kGuid),
              "ws://10.1.0.7:9223" + kGuid);
    EXPECT_EQ(browser_url("ws://10.1.0.7:9223/devtools/browser/old", "ws://127.0.0.1" + kGuid),
              "ws://10.1.0.7:9223" + kGuid);
    EXPECT_EQ(browser_url("", "ws://10.1.0.7:9222" + kGuid), "ws://10.1.0.7:9222" + kGuid);
    EXPECT_EQ(version_url("wss://chrome.example:9223"), "https://chrome.example:9223/json/version");
    EXPECT_EQ(origin_of("https://phone.example.com/dial?x=1"), "https://phone.example.com");
}

class RemoteChromeTest : public testing::Test {
  protected:
    explicit RemoteChromeTest(std::string helper = {})
        : chrome_({.url = "ws://10.1.0.7:9223",
                   .helper = std::move(helper),
                   .page_url = kPage,
                   .binding = "tell",
                   .scripts = {"one", "two"}}) {}

    template <class T>
    const T* errand() const {
        for (const ChromeErrand& one : out_.errands) {
            if (const auto* found = std::get_if<T>(&one)) {
                return found;
            }
        }
        return nullptr;
    }
    template <class T>
    const T* event() const {
        for (const ChromeEvent& one : out_.events) {
            if (const auto* found = std::get_if<T>(&one)) {
                return found;
            }
        }
        return nullptr;
    }
    template <class T>
    bool asked() const {
        return std::ranges::any_of(out_.requests, [](const Request& one) {
            return std::holds_alternative<T>(one.method);
        });
    }
    void message(const devtools::Message& one) {
        out_ = {};
        chrome_.handle_message(now_, one, out_);
    }
    // Chrome answers whatever was asked, as an empty browser does.
    void answer_all(std::string load_error = {}, std::vector<devtools::Target> targets = {}) {
        for (int rounds = 0; rounds < 9 && !out_.requests.empty(); ++rounds) {
            ChromeOutputs next;
            for (const Request& request : std::exchange(out_.requests, {})) {
                Reply reply{.id = request.id, .error = {}};
                reply.targets = targets;
                reply.target = "T1";
                reply.session = "S1";
                if (std::holds_alternative<devtools::Navigate>(request.method)) {
                    reply.error = load_error;
                }
                chrome_.handle_message(now_, reply, next);
            }
            for (const ChromeEvent& one : out_.events) {
                next.events.insert(next.events.begin(), one);
            }
            out_ = std::move(next);
        }
    }
    void attach() {
        chrome_.start(now_, out_);
        out_ = {};
        chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
        out_ = {};
        chrome_.connected(now_, out_);
        answer_all();
    }
    void later(Nanoseconds time) {
        now_ += time;
        out_ = {};
        chrome_.handle_timeout(now_, out_);
    }

    Instant now_{Seconds(1'000)};
    RemoteChrome chrome_;
    ChromeOutputs out_;
};

class WithHelper : public RemoteChromeTest {
  protected:
    WithHelper() : RemoteChromeTest("http://10.1.0.7:3000") {}
};

TEST_F(RemoteChromeTest, AsksForTheBrowsersAddressThenOpensATabOfItsOwn) {
    chrome_.start(now_, out_);
    ASSERT_NE(errand<FindBrowser>(), nullptr);
    EXPECT_EQ(errand<FindBrowser>()->url, "http://10.1.0.7:9223/json/version");
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    ASSERT_NE(errand<ConnectBrowser>(), nullptr);
    EXPECT_EQ(errand<ConnectBrowser>()->url, "ws://10.1.0.7:9223" + kGuid);
    chrome_.connected(now_, out_);
    EXPECT_FALSE(chrome_.is_attached());
    answer_all();
    EXPECT_TRUE(chrome_.is_attached());
    EXPECT_NE(event<PageAttached>(), nullptr);
    EXPECT_EQ(chrome_.next_timeout(), std::nullopt);
}

TEST_F(RemoteChromeTest, LoadsThePageOnlyWhenEveryScriptIsInPlace) {
    chrome_.start(now_, out_);
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    chrome_.connected(now_, out_);
    const auto of = [&](std::int64_t id) {
        Reply reply{.id = id, .error = {}};
        reply.target = "T1";
        reply.session = "S1";
        return reply;
    };
    message(of(2));  // targets
    message(of(3));  // created
    message(of(4));  // attached
    ASSERT_EQ(out_.requests.size(), 7U);
    const std::vector<Request> preparing = out_.requests;
    for (std::size_t i = 0; i < preparing.size(); ++i) {
        message(of(preparing[i].id));
        EXPECT_EQ(asked<devtools::Navigate>(), i + 1 == preparing.size());
    }
}

TEST_F(RemoteChromeTest, ATabThatIsThereAlreadyIsTakenAndNotClosedAtTheEnd) {
    chrome_.start(now_, out_);
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    chrome_.connected(now_, out_);
    answer_all({}, {{"T7", "page", kPage + "#call"}});
    EXPECT_TRUE(chrome_.is_attached());
    out_ = {};
    chrome_.stop(now_, out_);
    EXPECT_FALSE(asked<devtools::CloseTarget>());
}

TEST_F(RemoteChromeTest, ItsOwnTabIsClosedAtTheEnd) {
    attach();
    out_ = {};
    chrome_.stop(now_, out_);
    EXPECT_TRUE(asked<devtools::CloseTarget>());
    EXPECT_NE(errand<DisconnectBrowser>(), nullptr);
    EXPECT_EQ(chrome_.next_timeout(), std::nullopt);
}

TEST_F(RemoteChromeTest, WhatThePageSaysByOurBindingIsHandedOnAndNothingElse) {
    attach();
    message(Event{EventKind::BindingCalled, "S1", {}, "tell", "{}"});
    ASSERT_NE(event<PageSaid>(), nullptr);
    message(Event{EventKind::BindingCalled, "S2", {}, "tell", "{}"});
    EXPECT_EQ(event<PageSaid>(), nullptr);
    message(Event{EventKind::BindingCalled, "S1", {}, "other", "{}"});
    EXPECT_EQ(event<PageSaid>(), nullptr);
}

TEST_F(RemoteChromeTest, WhatIsEvaluatedIsAnsweredWithItsNumber) {
    attach();
    const auto id = chrome_.ask("1", out_);
    ASSERT_TRUE(id);
    message(
        Reply{.id = *id, .error = {}, .targets = {}, .target = {}, .session = {}, .value = "5"});
    ASSERT_NE(event<PageAnswered>(), nullptr);
    EXPECT_EQ(event<PageAnswered>()->value, "5");
    EXPECT_EQ(event<PageAnswered>()->id, *id);
}

TEST_F(RemoteChromeTest, ACrashEndsInWordsAndTheNextTryClosesTheDeadTab) {
    attach();
    message(Event{EventKind::Crashed, {}, "T1", {}, {}});
    ASSERT_NE(event<PageLost>(), nullptr);
    EXPECT_EQ(event<PageLost>()->words, "the page has crashed");
    EXPECT_EQ(chrome_.ask("1", out_), std::nullopt);
    later(kFirstPause);
    EXPECT_NE(errand<FindBrowser>(), nullptr);
    chrome_.found(now_, "ws://127.0.0.1:9222/devtools/browser/another", {}, out_);
    ASSERT_NE(errand<ConnectBrowser>(), nullptr);
    EXPECT_THAT(errand<ConnectBrowser>()->url, HasSubstr("another"));
    chrome_.connected(now_, out_);
    Reply targets{.id = 0, .error = {}};
    targets.targets = {{"T1", "page", kPage}};
    for (const Request& request : std::vector<Request>(out_.requests)) {
        if (std::holds_alternative<devtools::GetTargets>(request.method)) {
            targets.id = request.id;
        }
    }
    message(targets);
    EXPECT_TRUE(asked<devtools::CloseTarget>());
    EXPECT_TRUE(asked<devtools::CreateTarget>());
}

TEST_F(RemoteChromeTest, TriesAgainAfterPausesThatGrow) {
    chrome_.start(now_, out_);
    Nanoseconds pause = kFirstPause;
    for (int i = 0; i < 6; ++i) {
        out_ = {};
        chrome_.found(now_, {}, "Chrome cannot be reached", out_);
        ASSERT_NE(event<PageLost>(), nullptr);
        EXPECT_EQ(chrome_.next_timeout(), now_ + pause);
        later(pause);
        EXPECT_NE(errand<FindBrowser>(), nullptr);
        pause = std::min<Nanoseconds>(2 * pause, kLongestPause);
    }
}

TEST_F(RemoteChromeTest, SilenceOfChromeIsAFailureAtEachStep) {
    chrome_.start(now_, out_);
    later(kErrandTime);
    ASSERT_NE(event<PageLost>(), nullptr);
    later(kFirstPause);
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    later(kErrandTime);
    ASSERT_NE(event<PageLost>(), nullptr);
    later(2 * kFirstPause);
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    chrome_.connected(now_, out_);
    later(kAttachTime);
    ASSERT_NE(event<PageLost>(), nullptr);
}

TEST_F(RemoteChromeTest, APageThatCannotBeLoadedSaysWhy) {
    chrome_.start(now_, out_);
    chrome_.found(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    chrome_.connected(now_, out_);
    answer_all("net::ERR_CONNECTION_REFUSED");
    ASSERT_NE(event<PageLost>(), nullptr);
    EXPECT_THAT(event<PageLost>()->words, HasSubstr("net::ERR_CONNECTION_REFUSED"));
}

TEST_F(WithHelper, TheHelperIsAskedFirstAndItsBrowserFoundWhereTheOperatorSays) {
    chrome_.start(now_, out_);
    ASSERT_NE(errand<StartBrowser>(), nullptr);
    chrome_.started(now_, "ws://127.0.0.1:9222" + kGuid, {}, out_);
    ASSERT_NE(errand<ConnectBrowser>(), nullptr);
    EXPECT_EQ(errand<ConnectBrowser>()->url, "ws://10.1.0.7:9223" + kGuid);
    EXPECT_EQ(chrome_.helper_reachable(), true);
}

TEST_F(WithHelper, AHelperThatIsMissingIsToldAndTheBrowserLookedForAllTheSame) {
    chrome_.start(now_, out_);
    chrome_.started(now_, {}, "the Node helper cannot be reached", out_);
    EXPECT_EQ(chrome_.helper_error(), "the Node helper cannot be reached");
    EXPECT_EQ(chrome_.helper_reachable(), false);
    EXPECT_NE(errand<FindBrowser>(), nullptr);
    EXPECT_EQ(event<PageLost>(), nullptr);
}

}  // namespace
}  // namespace patchbay::bridge::page
