// SPDX-License-Identifier: Apache-2.0
// Whatever a browser says by DevTools and a page by its script, line by line, with time in between:
// what is asked of the page is answered with the same line, and the side keeps to one call.
#include "api/bridge/devtools_json.hpp"
#include "api/bridge/helper_json.hpp"
#include "api/bridge/page_json.hpp"
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "bridge/page/candidate.hpp"
#include "bridge/page/remote_chrome.hpp"
#include "bridge/page/side.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    namespace page = bridge::page;
    SeededRandom random(1);
    Instant now{Seconds(1'000)};
    page::Side side({.bridge = "default", .address = IpAddress::v4(10, 0, 0, 5), .audio = {}},
                    random);
    page::RemoteChrome chrome({.url = "ws://10.1.0.7:9223",
                               .helper = {},
                               .page_url = "http://10.0.0.5/",
                               .binding = "tell",
                               .scripts = {"script"}});
    page::ChromeOutputs start;
    chrome.start(now, start);
    chrome.found(now, "ws://127.0.0.1/devtools/browser/1", {}, start);
    chrome.connected(now, start);
    side.page_attached(now);
    std::string_view rest = as_text({data, size});
    std::size_t lines = 0;
    while (!rest.empty() && ++lines < 64) {
        const auto [line, more] = split_once(rest, '\n');
        rest = more;
        page::SideOutputs out;
        page::ChromeOutputs chrome_out;
        if (const auto message = api::bridge::read_devtools(line)) {
            chrome.handle_message(now, *message, chrome_out);
        }
        (void)api::bridge::read_signal_answer(line);
        (void)page::with_only_candidate(line, IpAddress::v4(10, 0, 0, 5));
        if (const auto notice = api::bridge::read_page_notice(line)) {
            side.handle_notice(now, *notice, out);
        } else {
            now += Seconds(3);
            side.handle_timeout(now, out);
            chrome.handle_timeout(now, chrome_out);
        }
        for (std::size_t i = 0; i < out.commands.size() && i < 64; ++i) {
            const page::CommandId id = out.commands[i].id;
            side.handle_answer(now, id, api::bridge::read_page_answer(line), out);
        }
        for (const page::devtools::Request& request : chrome_out.requests) {
            (void)api::bridge::write_devtools(request);
        }
        PB_ENSURE(side.calls() <= 1);
    }
    return 0;
}
