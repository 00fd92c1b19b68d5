// SPDX-License-Identifier: Apache-2.0
#include "app/config/check.hpp"
#include "app/demo/demo.hpp"
#include "app/fake_meta/fake_meta.hpp"
#include "app/phone/phone.hpp"
#include "app/server/serve.hpp"
#include "app/terminal/call_client.hpp"
#include "app/terminal/call_tools.hpp"
#include "app/terminal/command_line.hpp"
#include "app/terminal/trace_client.hpp"
#include "app/version.hpp"
#include "base/overloaded.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {
namespace {

void print(std::FILE* stream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
}

int show(const Usage& usage) {
    print(usage.exit_code == 0 ? stdout : stderr, usage.text);
    return usage.exit_code;
}

int check(const CheckConfigOptions& options) {
    const CheckedConfig checked = check_config(options.file);
    print(stderr, checked.report);
    if (!checked.config) {
        print(stderr, "patchbay would not start with this configuration\n");
        return 1;
    }
    print(stdout, summary(*checked.config));
    return 0;
}

int show_version() {
    print(stdout, version_line() + '\n');
    return 0;
}

int run(const Invocation& invocation) {
    return std::visit(
        Overloaded{
            [](const Usage& usage) { return show(usage); },
            [](const ServeOptions& options) { return serve(options); },
            [](const CallOptions& options) { return run_call(options); },
            [](const PhoneOptions& options) { return run_phone(options); },
            [](const FakeMetaOptions& options) { return run_fake_meta(options); },
            [](const TraceOptions& options) { return show_trace(options); },
            [](const DemoOptions& options) { return run_demo(options); },
            [](const CallApiOptions& options) { return run_call_api(options); },
            [](const CallCommandOptions& options) { return run_call_command(options); },
            [](const CallApiClientOptions& options) { return run_call_api_client(options); },
            [](const CheckConfigOptions& options) { return check(options); },
            [](const VersionOptions&) { return show_version(); },
        },
        invocation);
}

}  // namespace
}  // namespace patchbay::app

int main(int argc, char** argv) {
    try {
        return patchbay::app::run(patchbay::app::parse_command_line({argv + 1, argv + argc}));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "patchbay: %s\n", error.what());
        return 1;
    }
}
