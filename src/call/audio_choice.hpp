// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "call/call_audio.hpp"
#include "call/config.hpp"
#include "call/options.hpp"

namespace patchbay::call {

// The codecs, packet time and encryption of a call: the server's, limited by the client's `codec`
// and `offer`. Unsupported: nothing is left, or nobody knows the codec. Malformed: the offer.
Result<AudioPreference> audio_choice(const CallOption& option, const ExchangeConfig& config);

// The same codecs first, and behind them what else the server speaks: for a call that came in,
// which must not fail because the caller does not have the one that the client would like.
AudioPreference with_the_others(AudioPreference preference, const ExchangeConfig& config);

// What browsers speak: their best codec first, whatever the order for telephones is, and encrypted
// by keys of DTLS. Without codecs when the client's `codec` is not one.
AudioPreference browser_preference(const CallOption& option, const ExchangeConfig& config);

}  // namespace patchbay::call
