// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/plan.hpp"
#include "bridge/settings.hpp"
#include "call/trunk.hpp"

#include <string>
#include <string_view>

namespace patchbay::bridge {

// WhatsApp Business Calling over SIP as a trunk: what Meta's documentation demands of whoever calls
// it, in the words of call::Trunk. Of settings that check() has nothing against.
call::Trunk meta_trunk(std::string name, const MetaSettings& settings);

// Keys at 8 kHz beside Opus at 48 kHz, under 126: as Meta sends them whatever it was offered, and
// as Chromium sends them where it has the choice.
sdp::Codec keys_beside_opus();

// What holds of the media of any call with WhatsApp, by SIP or by the Graph API: Opus, keys at 8
// kHz, one description.
void use_meta_media(call::Trunk& trunk);

// Whom Meta calls, and from where.
MetaEntrance meta_entrance(std::string_view bridge, const MetaSettings& settings);

}  // namespace patchbay::bridge
