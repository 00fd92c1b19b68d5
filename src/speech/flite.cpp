// SPDX-License-Identifier: Apache-2.0
#include "speech/flite.hpp"

#include "media/frame.hpp"
#include "media/mix.hpp"
#include "speech/limits.hpp"
#include "speech/plain_text.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

extern "C" {
#include <flite/flite.h>

cst_voice* register_cmu_us_slt(const char* folder);
cst_voice* register_cmu_us_rms(const char* folder);
cst_voice* register_cmu_us_kal16(const char* folder);
}

namespace patchbay::speech {
namespace {

// Audio per piece: what cancelling waits for, and what the first piece takes.
constexpr int kPieceSamples = 800;  // 50 ms

struct Voices {
    cst_voice* slt;
    cst_voice* rms;
    cst_voice* kal16;
};

// Registered once, before any worker uses them: registration is not thread-safe, synthesis with a
// registered voice is. They live as long as the process.
const Voices& voices() {
    static const Voices all = [] {
        flite_init();
        return Voices{register_cmu_us_slt(nullptr), register_cmu_us_rms(nullptr),
                      register_cmu_us_kal16(nullptr)};
    }();
    return all;
}

cst_voice* voice_named(std::string_view speaker) {
    return speaker == "rms" ? voices().rms : speaker == "kal16" ? voices().kal16 : voices().slt;
}

double clamped(double value, double low, double high, double otherwise) {
    return std::isfinite(value) ? std::clamp(value, low, high) : otherwise;
}

// Takes the pieces of audio out of flite's callback.
class Stream {
  public:
    Stream(SampleSink& sink, const CancelFlag& cancel, double volume)
        : sink_(sink), cancel_(cancel), gain_(static_cast<float>(clamped(volume, 0, 10, 5) / 5)) {}

    // Owned by the utterance that it is given to.
    cst_audio_streaming_info* make_info() {
        cst_audio_streaming_info* const info = new_audio_streaming_info();
        info->min_buffsize = kPieceSamples;
        info->asc = [](const cst_wave* wave, int start, int size, int,
                       cst_audio_streaming_info* self) {
            auto& stream = *static_cast<Stream*>(self->userdata);
            return stream.take(*wave, start, size) ? CST_AUDIO_STREAM_CONT : CST_AUDIO_STREAM_STOP;
        };
        info->userdata = this;
        return info;
    }

    std::uint64_t samples() const { return samples_; }
    const std::optional<Error>& failure() const { return failure_; }
    bool check_canceled() {
        if (cancel_.canceled() && !failure_) {
            failure_ = Error{Errc::Closed, "speech"};
        }
        return failure_.has_value();
    }

  private:
    bool take(const cst_wave& wave, int start, int size) {
        if (check_canceled()) {
            return false;
        }
        if (wave.sample_rate != media::kSampleRate) {
            failure_ = Error{Errc::Unsupported, "voice", wave.sample_rate};
            return false;
        }
        piece_.assign(wave.samples + start, wave.samples + start + size);
        media::apply_gain(piece_, gain_);
        samples_ += piece_.size();
        if (const auto written = sink_.write(piece_); !written) {
            failure_ = written.error();
        }
        return !failure_;
    }

    SampleSink& sink_;
    const CancelFlag& cancel_;
    float gain_;
    std::vector<std::int16_t> piece_;
    std::uint64_t samples_ = 0;
    std::optional<Error> failure_;
};

struct DeleteUtterance {
    void operator()(cst_utterance* utterance) const { delete_utterance(utterance); }
};
using Utterance = std::unique_ptr<cst_utterance, DeleteUtterance>;

// Speed and stream are set on the utterance, never on the voice, which all threads share.
Utterance say(const std::string& text, cst_voice* voice, double speed, Stream& stream) {
    cst_utterance* const utterance = new_utterance();
    utt_set_input_text(utterance, text.c_str());
    const double stretch = 1 / clamped(speed, 0.5, 2, 1);
    const double natural = flite_get_param_float(voice->features, "duration_stretch", 1);
    feat_set_float(utterance->features, "duration_stretch", static_cast<float>(stretch * natural));
    feat_set(utterance->features, "streaming_info", audio_streaming_info_val(stream.make_info()));
    return Utterance(flite_do_synth(utterance, voice, utt_synth));
}

Nanoseconds seconds_of(const cst_item* word, const char* path) {
    return Nanoseconds(std::llround(static_cast<double>(flite_ffeature_float(word, path)) * 1e9));
}

// Words of one utterance: a token of the text is one or more words of sound ("23" is two).
class WordCollector {
  public:
    WordCollector(const PlainText& plain, std::vector<SpokenWord>& out)
        : plain_(plain), out_(out) {}

    void collect(const cst_utterance& utterance, Sentence sentence, Nanoseconds started) {
        std::size_t from = sentence.begin;
        cst_relation* const tokens = utt_relation(&utterance, "Token");
        for (const cst_item* token = relation_head(tokens); token != nullptr;
             token = item_next(token)) {
            const std::string_view name = item_feat_string(token, "name");
            const std::size_t at = plain_.text.find(name, from);
            const cst_item* const first = item_daughter(token);
            const cst_item* const last = last_daughter(token);
            if (first == nullptr || at == std::string::npos || at + name.size() > sentence.end) {
                continue;
            }
            from = at + name.size();
            out_.push_back({.text_begin = plain_.origin[at],
                            .text_end = std::max(plain_.origin[from], plain_.origin[from - 1] + 1),
                            .audio_begin = started + seconds_of(first, kBegin),
                            .audio_end = started + seconds_of(last, kEnd)});
        }
    }

  private:
    static constexpr const char* kBegin = "R:SylStructure.daughter.daughter.R:Segment.p.end";
    static constexpr const char* kEnd = "R:SylStructure.daughtern.daughtern.R:Segment.end";

    static const cst_item* last_daughter(const cst_item* token) {
        const cst_item* last = item_daughter(token);
        while (last != nullptr && item_next(last) != nullptr) {
            last = item_next(last);
        }
        return last;
    }

    const PlainText& plain_;
    std::vector<SpokenWord>& out_;
};

class FliteSynthesizer final : public Synthesizer {
  public:
    FliteSynthesizer() { voices(); }

    std::string_view name() const override { return "flite"; }

    Result<SpeechResult> synthesize(const SpeechRequest& request,
                                    SampleSink& sink,
                                    const CancelFlag& cancel) const override {
        if (request.text.size() > kMaxTextBytes) {
            return fail(Errc::TooLarge, "text", static_cast<std::int64_t>(request.text.size()));
        }
        const PlainText plain = to_plain_text(request.text);
        SpeechResult result;
        Stream stream(sink, cancel, request.volume);
        WordCollector words(plain, result.words);
        for (const Sentence sentence : split_sentences(plain.text)) {
            const Nanoseconds started = media::duration_of(stream.samples());
            if (!stream.check_canceled()) {
                const std::string text =
                    plain.text.substr(sentence.begin, sentence.end - sentence.begin);
                const auto spoken = say(text, voice_named(request.speaker), request.speed, stream);
                if (spoken != nullptr && !stream.failure()) {
                    words.collect(*spoken, sentence, started);
                }
            }
            if (stream.failure()) {
                return tl::unexpected(*stream.failure());
            }
        }
        result.duration = media::duration_of(stream.samples());
        return result;
    }
};

}  // namespace

std::unique_ptr<Synthesizer> make_flite_synthesizer() {
    return std::make_unique<FliteSynthesizer>();
}

}  // namespace patchbay::speech
