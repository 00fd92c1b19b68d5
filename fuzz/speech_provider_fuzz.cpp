// SPDX-License-Identifier: Apache-2.0
// Providers of recognition and speech that say anything, at any time, between audio, timeouts and
// broken connections. The first byte chooses the provider; each line after it is one thing that
// happens: "o" opened, "t..." text, "b..." audio of a voice, "c" closed, "w" a frame of the caller,
// "+" ten seconds pass, "f" the end.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/random.hpp"
#include "media/frame.hpp"
#include "speech/asr/recognition_stream.hpp"
#include "speech/asr/recognizers.hpp"
#include "speech/tts/utterance.hpp"
#include "support/provider_event.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace patchbay {
namespace {

constexpr WallAnchor kWall{.instant = Instant(Seconds(1)), .wall = {1'640'995'200'000}};

class Listening {
  public:
    Listening(const speech::RecognizerProvider& provider, bool narrow) {
        speech::RecognitionRequest request;
        request.sample_rate = narrow ? 8000 : 16000;
        stream_ = *speech::RecognitionStream::make(
            provider.make(request), {.sample_rate = request.sample_rate}, kWall, random_);
        stream_->start(now_, out_);
        check();
    }

    void happen(std::string_view line) {
        if (!test::provider_event(line, *stream_, now_, out_) && line.front() == 'w') {
            for (int i = 0; i < 50; ++i) {
                now_ += media::kFrameTime;
                stream_->write(now_, media::Frame{}, out_);
            }
        }
        check();
    }

  private:
    // Nothing is said of audio that was never sent, and nothing happens after the end.
    void check() {
        for (const speech::StreamOutput& output : out_) {
            if (const auto* transcript = std::get_if<speech::Transcript>(&output)) {
                PB_ENSURE(!transcript->begin || *transcript->begin >= Nanoseconds(0));
                PB_ENSURE(!transcript->end || *transcript->end <= now_ - kWall.instant);
            }
        }
        PB_ENSURE(!stream_->is_over() || !stream_->next_timeout());
        out_.clear();
    }

    SeededRandom random_{1};
    Instant now_ = kWall.instant;
    std::unique_ptr<speech::RecognitionStream> stream_;
    speech::StreamOutputs out_;
};

class Speaking {
  public:
    explicit Speaking(const speech::SpeechProvider& provider)
        : request_{.text = "one two three"}, utterance_(provider.make(request_), request_) {
        (void)utterance_.connect(now_, kWall.at(now_), random_);
    }

    void happen(std::string_view line) {
        const std::string_view rest = line.substr(1);
        switch (line.front()) {
            case 'o': utterance_.handle_opened(now_, out_); break;
            case 't': utterance_.handle_text(now_, rest, out_); break;
            case 'b': utterance_.handle_bytes(now_, as_bytes(rest), out_); break;
            case 'c': utterance_.handle_status(404, rest, out_); break;
            case '+':
                now_ += Seconds(10);
                utterance_.handle_timeout(now_, out_);
                break;
            case 'f': utterance_.handle_end(out_); break;
            default: break;
        }
        for (const speech::UtteranceOutput& output : out_) {
            ends_ += std::holds_alternative<speech::SpeechFinished>(output) ||
                             std::holds_alternative<speech::SpeechFailed>(output)
                         ? 1
                         : 0;
        }
        out_.clear();
        PB_ENSURE(ends_ == (utterance_.is_over() ? 1 : 0));
    }

  private:
    SeededRandom random_{1};
    Instant now_ = kWall.instant;
    speech::SynthesisRequest request_;
    speech::Utterance utterance_;
    speech::UtteranceOutputs out_;
    int ends_ = 0;
};

template <class Party>
void play(Party& party, std::string_view script) {
    while (!script.empty()) {
        const std::size_t end = std::min(script.find('\n'), script.size());
        if (end > 0) {
            party.happen(script.substr(0, end));
        }
        script.remove_prefix(std::min(end + 1, script.size()));
    }
}

}  // namespace
}  // namespace patchbay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    if (size == 0) {
        return 0;
    }
    const std::string_view script = as_text(ByteView(data + 1, size - 1));
    const auto recognizers = speech::recognizer_providers();
    const auto voices = speech::speech_providers();
    const std::size_t choice = data[0] % (recognizers.size() + voices.size());
    if (choice < recognizers.size()) {
        if (!recognizers[choice].is_embedded()) {
            Listening party(recognizers[choice], (data[0] & 0x80) != 0);
            play(party, script);
        }
    } else if (!voices[choice - recognizers.size()].is_embedded()) {
        Speaking party(voices[choice - recognizers.size()]);
        play(party, script);
    }
    return 0;
}
