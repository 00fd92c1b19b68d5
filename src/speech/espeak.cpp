// SPDX-License-Identifier: Apache-2.0
#include "speech/espeak.hpp"

#include "base/text.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"
#include "speech/limits.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX asks for it to be declared by the user
extern char** environ;

namespace patchbay::speech {
namespace {

constexpr int kEspeakRate = 22050;
// A WAV header of 44 bytes comes first; its sizes are unknown to who writes to a pipe.
constexpr std::size_t kWaveHeader = 44;
constexpr double kWordsPerMinute = 175;
constexpr double kAmplitude = 100;  // of 200
constexpr const char* kDefaultVoice = "en-us";
// How often a canceled text is noticed while the program is silent.
constexpr int kLook = 50;  // milliseconds

// A voice is a word of its list: nothing that could be an option or a path.
bool is_voice(std::string_view text) {
    return !text.empty() && text.size() <= 32 && is_alpha(text.front()) &&
           std::ranges::all_of(text, [](char c) {
               return is_alpha(c) || is_digit(c) || c == '-' || c == '+' || c == '_';
           });
}

class Pipe {
  public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            ends_ = {-1, -1};
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(0);
        close(1);
    }

    int read_end() const { return ends_[0]; }
    int write_end() const { return ends_[1]; }
    void close(std::size_t end) {
        if (ends_[end] >= 0) {
            ::close(std::exchange(ends_[end], -1));
        }
    }

  private:
    std::array<int, 2> ends_{-1, -1};
};

// One run of the program: text in, WAV out. Destroying it ends it.
class Run {
  public:
    Run(const std::string& program, const SpeechRequest& request) {
        std::string voice = is_voice(request.speaker) ? request.speaker : kDefaultVoice;
        std::string speed =
            std::to_string(std::lround(kWordsPerMinute * std::clamp(request.speed, 0.5, 2.0)));
        std::string amplitude =
            std::to_string(std::lround(kAmplitude * std::clamp(request.volume, 0.0, 10.0) / 5));
        std::string name = program;
        std::vector<std::string> words = {name,  "--stdin", "--stdout", "-b", "1",      "-v",
                                          voice, "-s",      speed,      "-a", amplitude};
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, in_.read_end(), STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, out_.write_end(), STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        failure_ =
            ::posix_spawnp(&process_, name.c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        in_.close(0);
        out_.close(1);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() {
        if (failure_ == 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
    }

    int failure() const { return failure_; }  // errno

    // A text is smaller than a pipe, so that nothing waits here.
    bool write(std::string_view text) {
        const bool written =
            ::write(in_.write_end(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
        in_.close(1);
        return written;
    }

    // Empty: the end. Absent: nothing yet.
    std::optional<std::span<const std::uint8_t>> read(std::span<std::uint8_t> into) const {
        pollfd ready{.fd = out_.read_end(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, kLook) <= 0) {
            return std::nullopt;
        }
        const ssize_t count = ::read(out_.read_end(), into.data(), into.size());
        return std::span<const std::uint8_t>(
            into.first(static_cast<std::size_t>(std::max<ssize_t>(count, 0))));
    }

  private:
    Pipe in_;
    Pipe out_;
    pid_t process_ = -1;
    int failure_ = 0;
};

// From the bytes of the WAV to samples for the sink.
class Taker {
  public:
    Taker(SampleSink& sink, media::Resampler resampler)
        : sink_(sink), resampler_(std::move(resampler)) {}

    Result<void> take(std::span<const std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes) {
            if (skipped_ < kWaveHeader) {
                ++skipped_;
            } else if (half_) {
                samples_.push_back(static_cast<std::int16_t>(*half_ | (byte << 8)));
                half_.reset();
            } else {
                half_ = byte;
            }
        }
        std::span<const std::int16_t> in(samples_);
        std::array<std::int16_t, media::kFrameSamples> piece{};
        while (!in.empty()) {
            const auto progress = resampler_.process(in, piece);
            in = in.subspan(progress.consumed);
            produced_ += progress.produced;
            PB_CHECK(sink_.write(std::span(piece).first(progress.produced)));
        }
        samples_.clear();
        return {};
    }

    std::uint64_t produced() const { return produced_; }

  private:
    SampleSink& sink_;
    media::Resampler resampler_;
    std::size_t skipped_ = 0;
    std::optional<std::uint8_t> half_;
    std::vector<std::int16_t> samples_;
    std::uint64_t produced_ = 0;
};

class EspeakSynthesizer final : public Synthesizer {
  public:
    explicit EspeakSynthesizer(std::string program) : program_(std::move(program)) {}

    std::string_view name() const override { return "espeak"; }

    Result<SpeechResult> synthesize(const SpeechRequest& request,
                                    SampleSink& sink,
                                    const CancelFlag& cancel) const override {
        if (request.text.size() > kMaxTextBytes) {
            return fail(Errc::TooLarge, "text", static_cast<std::int64_t>(request.text.size()));
        }
        if (trim(request.text).empty()) {
            return SpeechResult{};
        }
        PB_TRY(auto resampler, media::Resampler::make(kEspeakRate, media::kSampleRate));
        Run run(program_, request);
        if (run.failure() != 0) {
            return fail(run.failure() == ENOENT ? Errc::NotFound : Errc::System, "espeak-ng",
                        run.failure());
        }
        if (!run.write(request.text)) {
            return fail(Errc::System, "espeak-ng", errno);
        }
        Taker taker(sink, std::move(resampler));
        std::array<std::uint8_t, 4096> bytes{};
        while (!cancel.canceled()) {
            const auto piece = run.read(bytes);
            if (piece && piece->empty()) {
                if (taker.produced() == 0) {
                    return fail(Errc::Unavailable, "espeak-ng");
                }
                return SpeechResult{.duration = media::duration_of(taker.produced()), .words = {}};
            }
            if (piece) {
                PB_CHECK(taker.take(*piece));
            }
        }
        return fail(Errc::Closed, "speech");
    }

  private:
    std::string program_;
};

}  // namespace

std::unique_ptr<Synthesizer> make_espeak_synthesizer(std::string program) {
    return std::make_unique<EspeakSynthesizer>(std::move(program));
}

}  // namespace patchbay::speech
