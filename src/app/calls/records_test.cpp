// SPDX-License-Identifier: Apache-2.0
#include "app/calls/records.hpp"

#include "base/random.hpp"
#include "store/disk_thread.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class CallRecordsInAFolder : public testing::Test {
  protected:
    void SetUp() override { start(); }

    // As after a restart.
    void start() {
        records_.reset();
        store_.reset();
        disk_.reset();
        disk_.emplace();
        std::vector<store::RecordStore::Document> left;
        store_ = store::RecordStore::make(folder_.path(), *disk_, left).value();
        close_lost_records(*store_, left);
        records_.emplace(*store_, random_);
    }
    std::vector<std::string> list() {
        std::promise<std::vector<std::string>> texts;
        store_->list(100, 0, [&](std::vector<std::string> t) { texts.set_value(std::move(t)); });
        return texts.get_future().get();
    }

    static call::SessionSummary summary(call::LegState state) {
        call::SessionSummary call;
        call.key = call::SessionKey(1);
        call.id = call::SessionId("s1");
        call.state = state;
        call.created_at = {1'640'995'200'000};
        return call;
    }
    void begin() { records_->changed(summary(call::LegState::Inviting)); }
    void end() { records_->ended(summary(call::LegState::Ended)); }
    void report(std::size_t recording, const store::RecordingReport& report) {
        records_->recording_reported(call::SessionKey(1), recording, report);
    }

    test::TemporaryFolder folder_;
    SystemRandom random_;
    std::optional<store::DiskThread> disk_;
    std::unique_ptr<store::RecordStore> store_;
    std::optional<CallRecords> records_;
};

TEST_F(CallRecordsInAFolder, AConnectionThatAskedForNoCallLeavesNone) {
    records_->changed(summary(call::LegState::Idle));
    records_->ended(summary(call::LegState::Ended));
    EXPECT_THAT(list(), IsEmpty());
}

TEST_F(CallRecordsInAFolder, ARecordWaitsForAllRecordingsOfItsCall) {
    begin();
    const std::size_t first = records_->recording_asked(call::SessionKey(1));
    const std::size_t second = records_->recording_asked(call::SessionKey(1));
    report(first, store::RecordingOpened{"/r/a.mp3.partial.wav"});
    report(second, store::RecordingOpened{"/r/b.wav"});
    report(second, store::RecordingClosed{.path = "/r/b.wav", .duration = {}, .bytes = 44});
    end();
    EXPECT_THAT(list(), IsEmpty());
    report(first, store::RecordingClosed{.path = "/r/a.mp3", .duration = {}, .bytes = 20});
    EXPECT_THAT(list(),
                ElementsAre(HasSubstr(R"("recorder":[{"trackId":"s1","path":"/r/a.mp3","size":20},)"
                                      R"({"trackId":"s1","path":"/r/b.wav","size":44}])")));
}

TEST_F(CallRecordsInAFolder, ASecondLegNamesTheCallThatItBelongsTo) {
    auto leg = summary(call::LegState::Inviting);
    leg.main_call = call::SessionId("main");
    records_->changed(leg);
    records_->ended(leg);
    EXPECT_THAT(list(), ElementsAre(AllOf(HasSubstr(R"("callType":"b2bua")"),
                                          HasSubstr(R"("mainCallId":"main")"))));
}

TEST_F(CallRecordsInAFolder, ACallNamesItsSecondLegsInTheirOrder) {
    begin();
    for (const auto& [key, id] : {std::pair(2U, "leg1"), std::pair(3U, "leg2")}) {
        auto leg = summary(call::LegState::Inviting);
        leg.key = call::SessionKey(key);
        leg.id = call::SessionId(id);
        leg.main_call = call::SessionId("s1");
        records_->changed(leg);
    }
    end();
    EXPECT_THAT(list(), ElementsAre(HasSubstr(R"("legs":["leg1","leg2"])")));
}

TEST_F(CallRecordsInAFolder, ThePartiesOfAForwardedCallNameEachOther) {
    auto caller = summary(call::LegState::Inviting);
    auto callee = caller;
    callee.key = call::SessionKey(2);
    callee.id = call::SessionId("s2");
    records_->changed(caller);  // the callee is not known yet
    caller.partner = callee.id;
    callee.partner = caller.id;
    records_->changed(callee);
    records_->changed(caller);
    caller.partner = callee.partner = call::SessionId();  // parted before the end
    records_->ended(caller);
    records_->ended(callee);
    EXPECT_THAT(list(), testing::UnorderedElementsAre(
                            AllOf(HasSubstr(R"("callId":"s1")"), HasSubstr(R"("legs":["s2"])")),
                            AllOf(HasSubstr(R"("callId":"s2")"), HasSubstr(R"("legs":["s1"])"))));
}

TEST_F(CallRecordsInAFolder, ARecordingThatFailedIsNotWaitedFor) {
    begin();
    report(records_->recording_asked(call::SessionKey(1)),
           store::RecordingFailed{{Errc::System, "disk"}});
    end();
    EXPECT_THAT(list(), ElementsAre(Not(HasSubstr("recorder"))));
}

TEST_F(CallRecordsInAFolder, ACallOfADeadProcessIsLostAndItsRecordingIsNamed) {
    begin();
    report(records_->recording_asked(call::SessionKey(1)),
           store::RecordingOpened{"/r/a.mp3.partial.wav"});
    start();
    EXPECT_THAT(list(), ElementsAre(AllOf(HasSubstr(R"("hangupReason":"serverLost")"),
                                          HasSubstr(R"("path":"/r/a.mp3")"))));
    start();
    EXPECT_THAT(list(), SizeIs(1));
}

TEST_F(CallRecordsInAFolder, AtTheEndOfTheServerNobodyWaitsForARecordingAnyMore) {
    begin();
    report(records_->recording_asked(call::SessionKey(1)), store::RecordingOpened{"/r/a.wav"});
    end();
    records_->close_ended();
    EXPECT_THAT(list(), SizeIs(1));
}

}  // namespace
}  // namespace patchbay::app
