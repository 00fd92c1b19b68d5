// SPDX-License-Identifier: Apache-2.0
#include "call/command.hpp"

#include "call/event.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

TEST(Command, KnowsItsNameInTheContract) {
    EXPECT_EQ(name_of(Command{command::AddIceCandidate{}}), "addIceCandidate");
    EXPECT_EQ(name_of(Event{event::TrackEnd{}}), "trackEnd");
}

}  // namespace
}  // namespace patchbay::call
