// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <string_view>

namespace patchbay::call {

// What a listener had to bear with.
struct Impairment {
    std::string_view codec;        // "PCMU"
    double loss_percent = 0;       // of the packets, those that came too late included
    Nanoseconds one_way_delay{0};  // mouth to ear
};

// The E-model (ITU-T G.107) with its default values for everything that a gateway cannot measure:
// R = 93.2 - Id - Ie,eff. The figure is for narrow band; a wide-band codec is judged as if it were.
double transmission_rating(const Impairment& impairment);

// Annex B of G.107: the mean opinion score that people would give, 1 to 4.5.
double mean_opinion_score(double rating);

}  // namespace patchbay::call
