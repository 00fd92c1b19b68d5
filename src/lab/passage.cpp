// SPDX-License-Identifier: Apache-2.0
#include "lab/passage.hpp"

#include "lab/sound_watch.hpp"
#include "media/level.hpp"
#include "media/tone_detector.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>

namespace patchbay::lab {
namespace {

constexpr Milliseconds kBlock{20};
// A block whose energy is nearly all one sine; G.711's own noise leaves 0.98 and more.
constexpr double kTonePurity = 0.85;
// Two blocks belong to one tone: what 20 ms let us tell apart.
constexpr double kSameTone = 0.04;
// Shorter ones are vowels.
constexpr Milliseconds kShortestTone{200};
// A lost packet does not end a tone.
constexpr Milliseconds kToneGap{60};

enum class Kind : std::uint8_t { Silence, Sound, Tone };

struct Run {
    Kind kind = Kind::Silence;
    std::size_t begin = 0;  // blocks
    std::size_t end = 0;
    double frequency = 0;
};

std::size_t blocks_in(Milliseconds time) {
    return static_cast<std::size_t>(time / kBlock);
}

Run classify(std::span<const std::int16_t> block, int sample_rate, std::size_t index) {
    Run run{Kind::Silence, index, index + 1, 0};
    if (media::rms_level(block) < kSoundLevel) {
        return run;
    }
    const auto tone = media::find_tone(block, sample_rate);
    const bool pure = tone && tone->purity >= kTonePurity;
    run.kind = pure ? Kind::Tone : Kind::Sound;
    run.frequency = pure ? tone->frequency : 0;
    return run;
}

bool same_tone(const Run& a, const Run& b) {
    return a.kind == Kind::Tone && b.kind == Kind::Tone &&
           std::abs(a.frequency - b.frequency) <= kSameTone * a.frequency;
}

// Joins equal neighbours, and across gaps shorter than `gap` those that `same` accepts.
template <class Same>
std::vector<Run> join(const std::vector<Run>& runs, std::size_t gap, Same same) {
    std::vector<Run> out;
    for (const Run& run : runs) {
        if (!out.empty() && run.begin - out.back().end <= gap && same(out.back(), run)) {
            out.back().end = run.end;
        } else {
            out.push_back(run);
        }
    }
    return out;
}

bool is_tone(const Run& run) {
    return run.kind == Kind::Tone && run.end - run.begin >= blocks_in(kShortestTone);
}

// Tones first, over short interruptions of any kind; what is left is speech, over its pauses.
std::vector<Run> tones_of(const std::vector<Run>& blocks) {
    std::vector<Run> candidates;
    for (const Run& run : blocks) {
        if (run.kind == Kind::Tone) {
            candidates.push_back(run);
        }
    }
    std::vector<Run> tones;
    for (const Run& run : join(candidates, blocks_in(kToneGap), same_tone)) {
        if (is_tone(run)) {
            tones.push_back(run);
        }
    }
    return tones;
}

bool is_inside(const Run& block, const std::vector<Run>& tones) {
    for (const Run& tone : tones) {
        if (block.begin >= tone.begin && block.end <= tone.end) {
            return true;
        }
    }
    return false;
}

std::vector<Run> runs_of(const std::vector<Run>& blocks) {
    const std::vector<Run> tones = tones_of(blocks);
    std::vector<Run> runs;
    auto next_tone = tones.begin();
    for (const Run& block : blocks) {
        if (next_tone != tones.end() && block.begin == next_tone->begin) {
            runs.push_back(*next_tone++);
        }
        if (block.kind != Kind::Silence && !is_inside(block, tones)) {
            runs.push_back({Kind::Sound, block.begin, block.end, 0});
        }
    }
    return join(runs, blocks_in(kSoundPause), [](const Run& a, const Run& b) {
        return a.kind == Kind::Sound && b.kind == Kind::Sound;
    });
}

// The edges of a tone fall into blocks of their own; such crumbs are part of the tone.
bool is_crumb(const Run& run) {
    return run.kind == Kind::Sound && run.end - run.begin < 3;
}

std::vector<Run> without_crumbs(const std::vector<Run>& runs) {
    std::vector<Run> out;
    for (const Run& run : runs) {
        const bool touches =
            !out.empty() && out.back().kind == Kind::Tone && run.begin <= out.back().end;
        if (is_crumb(run) && touches) {
            out.back().end = run.end;
        } else if (!out.empty() && is_crumb(out.back()) && run.kind == Kind::Tone &&
                   out.back().end >= run.begin) {
            const std::size_t begin = out.back().begin;
            out.back() = run;
            out.back().begin = begin;
        } else {
            out.push_back(run);
        }
    }
    return out;
}

// Long enough for a frequency to 1 Hz; the work grows with the square of the length.
std::span<const std::int16_t> middle_of(std::span<const std::int16_t> piece, int sample_rate) {
    const auto wanted = static_cast<std::size_t>(sample_rate / 5);
    return piece.size() <= wanted ? piece : piece.subspan((piece.size() - wanted) / 2, wanted);
}

}  // namespace

std::vector<Passage> find_passages(std::span<const std::int16_t> samples, int sample_rate) {
    const auto block = static_cast<std::size_t>(sample_rate * kBlock.count() / 1000);
    std::vector<Run> blocks;
    for (std::size_t at = 0; at + block <= samples.size(); at += block) {
        blocks.push_back(classify(samples.subspan(at, block), sample_rate, at / block));
    }
    std::vector<Passage> passages;
    for (const Run& run : without_crumbs(runs_of(blocks))) {
        const auto piece = samples.subspan(run.begin * block, (run.end - run.begin) * block);
        Passage passage{.from = kBlock * static_cast<std::int64_t>(run.begin),
                        .to = kBlock * static_cast<std::int64_t>(run.end),
                        .level = media::rms_level(piece),
                        .frequency = std::nullopt};
        if (run.kind == Kind::Tone) {
            const auto tone = media::find_tone(middle_of(piece, sample_rate), sample_rate);
            passage.frequency = tone ? tone->frequency : run.frequency;
        }
        passages.push_back(passage);
    }
    return passages;
}

std::string describe(const Passage& passage) {
    const std::string kind =
        passage.frequency ? fmt::format("tone {:.0f} Hz", *passage.frequency) : "sound";
    return fmt::format("{}, {:.1f} dBFS, {:.2f} to {:.2f} s ({} ms)", kind, passage.level,
                       static_cast<double>(passage.from.count()) / 1000,
                       static_cast<double>(passage.to.count()) / 1000, passage.length().count());
}

}  // namespace patchbay::lab
