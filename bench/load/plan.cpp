// SPDX-License-Identifier: Apache-2.0
#include "load/plan.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>

namespace patchbay::bench {
namespace {

void add_address(CLI::App& app, const std::string& flag, SocketAddress& target) {
    app.add_option_function<std::string>(flag, [&target, flag](const std::string& text) {
        const auto address = SocketAddress::parse(text);
        if (!address) {
            throw CLI::ValidationError(flag, "'" + text + "' is not ADDR:PORT");
        }
        target = *address;
    });
}

}  // namespace

Plan read_plan(int argc, char** argv) {
    Plan plan;
    std::int64_t hold = plan.hold.count();
    CLI::App app("Load for a Patchbay server: phones and API clients in one thread", "load");
    const std::map<std::string, Scenario> scenarios{{"play", Scenario::Play},
                                                    {"application", Scenario::Application},
                                                    {"outgoing", Scenario::Outgoing},
                                                    {"incoming", Scenario::Incoming}};
    app.add_option("scenario", plan.scenario, "play, application, outgoing or incoming")
        ->required()
        ->transform(CLI::Transformer(scenarios));
    add_address(app, "--api", plan.api);
    add_address(app, "--sip", plan.sip);
    add_address(app, "--phones", plan.phones);
    add_address(app, "--application", plan.application);
    app.add_option("--first-rtp-port", plan.rtp_ports.first);
    app.add_option("--last-rtp-port", plan.rtp_ports.last);
    app.add_option("--calls", plan.calls, "at once (play, application), or in all")
        ->check(CLI::PositiveNumber);
    app.add_option("--rate", plan.rate, "set-ups per second")->check(CLI::PositiveNumber);
    app.add_option("--file", plan.file, "what the calls play");
    app.add_option("--tone", plan.tone, "frequency in that file, in hertz");
    app.add_option("--hold", hold, "seconds that all calls play together");
    app.add_option("--rounds", plan.rounds, "how often all calls are made anew");
    app.add_flag("--record", plan.record, "record each call");
    app.add_option("--vad", plan.vad, "detect voice in each call: silero, webrtc");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    plan.hold = Seconds(hold);
    return plan;
}

}  // namespace patchbay::bench
