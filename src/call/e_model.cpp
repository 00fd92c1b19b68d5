// SPDX-License-Identifier: Apache-2.0
#include "call/e_model.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace patchbay::call {
namespace {

// ITU-T G.113 appendix I: what the codec itself costs, and how it bears loss. Concealment is ours
// (G.711 appendix I or better).
struct CodecFigures {
    std::string_view name;
    double equipment_impairment = 0;  // Ie
    double loss_robustness = 10;      // Bpl
};
constexpr std::array kCodecs = {CodecFigures{"PCMU", 0, 25.1}, CodecFigures{"PCMA", 0, 25.1},
                                CodecFigures{"G722", 0, 13},   CodecFigures{"L16", 0, 10},
                                CodecFigures{"OPUS", 0, 20},   CodecFigures{"G729", 11, 19}};

CodecFigures figures_of(std::string_view codec) {
    const auto found = std::find_if(kCodecs.begin(), kCodecs.end(), [&](const auto& one) {
        return equals_ignoring_case(one.name, codec);
    });
    return found == kCodecs.end() ? CodecFigures{} : *found;
}

// G.107 7.4 in the usual simplification for calls without echo.
double delay_impairment(double milliseconds) {
    const double beyond = milliseconds - 177.3;
    return 0.024 * milliseconds + (beyond > 0 ? 0.11 * beyond : 0);
}

}  // namespace

double transmission_rating(const Impairment& impairment) {
    constexpr double kUndisturbed = 93.2;
    const CodecFigures codec = figures_of(impairment.codec);
    const double loss = std::clamp(impairment.loss_percent, 0.0, 100.0);
    const double equipment = codec.equipment_impairment + (95 - codec.equipment_impairment) * loss /
                                                              (loss + codec.loss_robustness);
    const double delay =
        std::chrono::duration<double, std::milli>(impairment.one_way_delay).count();
    return std::clamp(kUndisturbed - delay_impairment(delay) - equipment, 0.0, 100.0);
}

double mean_opinion_score(double rating) {
    if (rating <= 0) {
        return 1;
    }
    if (rating >= 100) {
        return 4.5;
    }
    return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

}  // namespace patchbay::call
