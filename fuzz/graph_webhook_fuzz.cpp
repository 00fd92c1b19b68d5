// SPDX-License-Identifier: Apache-2.0
// Whatever comes as a webhook, line by line in any order, with time in between: the side of
// WhatsApp by Graph stays within its bounds, and whatever it asks of Graph is answered at once.
#include "api/bridge/graph_json.hpp"
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "bridge/graph/side.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    SeededRandom random(1);
    Instant now{Seconds(1'000)};
    bridge::graph::Side side({.bridge = "default", .phone_number_id = "1"},
                             {now, WallTime{1'790'000'000'000}}, random);
    std::string_view rest = as_text({data, size});
    std::size_t lines = 0;
    while (!rest.empty() && ++lines < 64) {
        const auto [line, more] = split_once(rest, '\n');
        rest = more;
        bridge::graph::SideOutputs out;
        if (const auto notices = api::bridge::read_graph_webhook(line)) {
            for (const bridge::graph::Notice& notice : *notices) {
                side.handle_notice(now, notice, out);
            }
        } else {
            now += Seconds(7);
            side.handle_timeout(now, out);
        }
        for (const bridge::graph::ActionRequest& request : std::exchange(out.requests, {})) {
            const std::string body = api::bridge::write_graph_action(request.action);
            const int status = body.size() % 3 == 0 ? 503 : 200;
            side.handle_outcome(now, request.id, api::bridge::read_graph_response(status, body),
                                out);
        }
        PB_ENSURE(side.calls() <= size);
    }
    return 0;
}
