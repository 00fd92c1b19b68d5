// SPDX-License-Identifier: Apache-2.0
#include "app/shard/voice_weights.hpp"

#include "support/source_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace patchbay::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// What the log says while this lives.
class Listening {
  public:
    Listening() : before_(spdlog::default_logger()) {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    ~Listening() { spdlog::set_default_logger(before_); }

    std::string heard() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

TEST(TenAtStart, ALibraryThatWorksServesWithoutAWord) {
    const Listening log;
    EXPECT_NE(load_ten_library(test::build_path("tests/libten_vad_double.so")), nullptr);
    EXPECT_EQ(load_ten_library(""), nullptr);
    EXPECT_THAT(log.heard(), IsEmpty());
}

TEST(TenAtStart, OneThatCannotBeUsedIsAnErrorThatSaysWhyAndWhoServes) {
    for (const auto& [path, why] :
         {std::pair<std::string, std::string>{"/nowhere/libten_vad.so", "/nowhere"},
          {test::build_path("tests/libten_vad_lacking.so"), "ten_vad_process"}}) {
        const Listening log;
        EXPECT_EQ(load_ten_library(path), nullptr);
        EXPECT_THAT(log.heard(), AllOf(HasSubstr("error"), HasSubstr("[speech] ten_library"),
                                       HasSubstr(why), HasSubstr("silero serves")));
    }
}

}  // namespace
}  // namespace patchbay::app
