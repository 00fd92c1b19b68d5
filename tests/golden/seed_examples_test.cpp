// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_json.hpp"
#include "api/messages/event_description.hpp"
#include "api/messages/event_json.hpp"
#include "api/messages/option_description.hpp"
#include "api/messages/rest.hpp"
#include "golden/pretty_json.hpp"
#include "support/approval.hpp"
#include "support/source_path.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <gtest/gtest.h>

#include <filesystem>

// golden/seed holds every JSON example of the contract, literally. Each is read, written, and must
// come back with the same members: none lost, none added.
namespace patchbay::test {
namespace {

std::vector<std::string> examples(std::string_view kind) {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(source_path("tests/golden/seed"))) {
        const std::string name = entry.path().stem().string();
        if (name.starts_with(kind)) {
            names.push_back(name);
        }
    }
    return names;
}

std::string example(const std::string& name) {
    return read_source_file("tests/golden/seed/" + name + ".json");
}

void expect_same_json(const std::string& written, const std::string& original) {
    EXPECT_EQ(wire::parse_json(written).value(), wire::parse_json(original).value())
        << "written:\n"
        << pretty(written) << "contract:\n"
        << pretty(original);
}

template <class Option>
void expect_round_trip(const std::string& name) {
    const auto option = wire::decode_document<Option>(example(name));
    ASSERT_TRUE(option) << name << ": " << describe(option.error());
    expect_same_json(wire::encode_with_secrets(*option), example(name));
}

class SeedCommand : public testing::TestWithParam<std::string> {};

TEST_P(SeedCommand, IsReadAndWrittenBackLiterally) {
    const auto message = api::decode_command(example(GetParam()));
    ASSERT_TRUE(message) << describe(message.error().error);
    EXPECT_EQ("command_" + std::string(call::name_of(message->command)), GetParam());
    expect_same_json(api::encode_command(*message, wire::Secrets::Shown), example(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Contract,
                         SeedCommand,
                         testing::ValuesIn(examples("command_")),
                         [](const auto& test) { return test.param; });

class SeedEvent : public testing::TestWithParam<std::string> {};

TEST_P(SeedEvent, IsWrittenAsTheContractShowsIt) {
    const auto event = api::decode_event(example(GetParam()));
    ASSERT_TRUE(event) << describe(event.error());
    expect_same_json(api::encode_event(*event), example(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Contract,
                         SeedEvent,
                         testing::ValuesIn(examples("event_")),
                         [](const auto& test) { return test.param; });

TEST(SeedExamples, AreAllThere) {
    EXPECT_EQ(examples("command_").size(), 11U);
    EXPECT_EQ(examples("event_").size(), 18U);
    EXPECT_EQ(examples("option_").size(), 9U);
    EXPECT_EQ(examples("rest_").size(), 2U);
}

TEST(SeedExamples, OptionObjectsAreReadAndWrittenBackLiterally) {
    expect_round_trip<call::CallOption>("option_call_option");
    expect_round_trip<call::RecorderOption>("option_recorder_option");
    expect_round_trip<call::TranscriptionOption>("option_transcription_option");
    expect_round_trip<call::SynthesisOption>("option_synthesis_option");
    expect_round_trip<call::VadOption>("option_vad_option");
    expect_round_trip<call::MediaPassOption>("option_media_pass_option");
    expect_round_trip<call::ReferOption>("option_refer_option");
    expect_round_trip<call::SipOption>("option_sip_option");
    expect_round_trip<call::Attendee>("option_attendee");
}

TEST(SeedExamples, RestBodiesAreWrittenAsTheContractShowsThem) {
    const auto calls = api::decode_call_list(example("rest_call_lists"));
    ASSERT_TRUE(calls) << describe(calls.error());
    expect_same_json(api::encode_body(*calls), example("rest_call_lists"));

    const auto servers = api::decode_ice_servers(example("rest_ice_servers"));
    ASSERT_TRUE(servers) << describe(servers.error());
    expect_same_json(api::encode_body(*servers), example("rest_ice_servers"));

    EXPECT_EQ(api::encode_body(true), "true");
}

}  // namespace
}  // namespace patchbay::test
