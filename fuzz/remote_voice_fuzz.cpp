// SPDX-License-Identifier: Apache-2.0
// A service of voice detection that says anything, at any time. The first byte chooses the rate;
// each line after it is one thing that happens: "o" opened, "t..." text, "c" closed, "w" a fifth of
// a second of the caller, which our own detector judges as well, "+" ten seconds pass, "f" the end.
#include "speech/vad/remote_voice.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "media/frame.hpp"
#include "speech/vad/voice_arbiter.hpp"
#include "support/provider_event.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace patchbay {
namespace {

constexpr Instant kBegin{Seconds(1)};

class Judging {
  public:
    explicit Judging(bool narrow)
        : service_(*speech::RemoteVoice::make({.sample_rate = narrow ? 8000 : 16000})) {
        service_->start(now_, out_);
        check();
    }

    void happen(std::string_view line) {
        if (!test::provider_event(line, *service_, now_, out_) && line.front() == 'w') {
            speak();
        }
        check();
    }

  private:
    static constexpr int kFrames = 10;

    void speak() {
        for (int i = 0; i < kFrames; ++i) {
            service_->write(now_, media::Frame{}, out_);
            arbiter_.handle_own({heard_until_, media::kFrameTime, 0.5F}, windows_);
            heard_until_ += media::kFrameTime;
            now_ += media::kFrameTime;
            (void)arbiter_.handle_heard(heard_until_, windows_);
        }
    }

    // Nothing is judged that was never heard, and no moment twice or out of order.
    void check() {
        for (const speech::RemoteVoiceOutput& output : out_) {
            if (const auto* one = std::get_if<speech::RemoteJudgement>(&output)) {
                PB_ENSURE(one->length > Nanoseconds(0) && one->begin >= Nanoseconds(0));
                PB_ENSURE(kBegin + one->begin + one->length <= heard_until_);
                PB_ENSURE(one->probability >= 0 && one->probability <= 1);
                (void)arbiter_.handle_remote({kBegin + one->begin, one->length, one->probability},
                                             windows_);
            }
        }
        out_.clear();
        if (!service_->is_streaming()) {
            arbiter_.lose_remote(windows_);
        }
        for (const speech::VoiceWindow& window : windows_) {
            PB_ENSURE(window.begin >= told_until_);
            told_until_ = window.begin + window.length;
        }
        windows_.clear();
    }

    Instant now_ = kBegin;
    Instant heard_until_ = kBegin;
    Instant told_until_ = kBegin;
    std::unique_ptr<speech::RemoteVoice> service_;
    speech::VoiceArbiter arbiter_;
    speech::RemoteVoiceOutputs out_;
    speech::VoiceArbiter::Windows windows_;
};

}  // namespace
}  // namespace patchbay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    if (size == 0) {
        return 0;
    }
    std::string_view script = as_text(ByteView(data + 1, size - 1));
    Judging party((data[0] & 1) != 0);
    while (!script.empty()) {
        const std::size_t end = std::min(script.find('\n'), script.size());
        if (end > 0) {
            party.happen(script.substr(0, end));
        }
        script.remove_prefix(std::min(end + 1, script.size()));
    }
    return 0;
}
