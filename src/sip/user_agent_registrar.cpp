// SPDX-License-Identifier: Apache-2.0
// Requests outside a call that others answer: who may ask, and what is said.
#include "base/overloaded.hpp"
#include "sip/user_agent.hpp"

namespace patchbay::sip {

// Nothing when the request has been answered, or deserves no answer.
std::optional<Admitted> UserAgent::admit(UsageContext& context,
                                         const Flow& flow,
                                         const Message& request) {
    if (config_.policy == nullptr) {
        return Admitted{};
    }
    return std::visit(Overloaded{
                          [](Admitted admitted) -> std::optional<Admitted> { return admitted; },
                          [&](const Refused& refused) -> std::optional<Admitted> {
                              refuse(context, flow, request,
                                     {.status = refused.status,
                                      .reason = refused.reason,
                                      .headers = &refused.headers});
                              return std::nullopt;
                          },
                          [](const Ignored&) -> std::optional<Admitted> { return std::nullopt; },
                      },
                      config_.policy->judge(context.now, flow, request));
}

void UserAgent::respond(
    Instant now, const Flow& flow, const Message& request, const Response& response, Outputs& out) {
    UsageContext step = context(now, out);
    const auto id = servers_.open(now, flow, request, transaction::Owner(++last_handle_));
    if (!id) {
        return;
    }
    const std::string tag = identity_.make_tag();
    const ResponseContent content{.status = response.status,
                                  .reason = response.reason,
                                  .to_tag = tag,
                                  .headers = &response.headers};
    servers_.respond(now, *id, response.status, make_response(identity_, request, flow, content),
                     step.out.transmits);
}

}  // namespace patchbay::sip
