// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/sphinx_decoder.hpp"

#include "base/text.hpp"
#include "speech/limits.hpp"

#include <pocketsphinx.h>
#include <sphinxbase/err.h>
#include <sphinxbase/logmath.h>
#include <sphinxbase/ngram_model.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace patchbay::speech {
namespace {

template <auto kFree>
struct Freed {
    template <class T>
    void operator()(T* one) const {
        kFree(one);
    }
};
using Arguments = std::unique_ptr<cmd_ln_t, Freed<cmd_ln_free_r>>;
using Decoder = std::unique_ptr<ps_decoder_t, Freed<ps_free>>;
using LanguageModel = std::unique_ptr<ngram_model_t, Freed<ngram_model_free>>;
using LogMath = std::unique_ptr<logmath_t, Freed<logmath_free>>;

constexpr const char* kSearch = "task";
constexpr double kLogBase = 1.0001;  // pocketsphinx's own

// A letter, an apostrophe, a hyphen or a space: what a phrase is made of.
bool is_phrase(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_alpha(c) || c == '\'' || c == '-' || c == '.' || c == ' ';
    });
}

Result<std::vector<std::string>> phrases_of(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const auto [first, rest] = split_once(list, ',');
        const std::string phrase = to_lower(trim(first));
        if (!is_phrase(phrase)) {
            return fail(Errc::Malformed, "phrase of asr.extra");
        }
        out.push_back(phrase);
        list = rest;
    }
    if (out.empty()) {
        return fail(Errc::Malformed, "phrases of asr.extra");
    }
    return out;
}

std::string joined(const std::vector<std::string>& all, std::string_view separator) {
    std::string out;
    for (const std::string& one : all) {
        out += (out.empty() ? "" : std::string(separator)) + one;
    }
    return out;
}

}  // namespace

Result<SphinxTask> SphinxTask::from(const ProviderParameters& extra) {
    SphinxTask task;
    int asked = 0;
    for (const auto& [name, value] : extra) {
        if (value.size() > kMaxGrammar) {
            return fail(Errc::TooLarge, "asr.extra", static_cast<std::int64_t>(value.size()));
        }
        if (name == "grammar") {
            task.kind = Kind::Grammar;
            task.text = value;
            ++asked;
        } else if (name == "phrases") {
            PB_TRY(const auto phrases, phrases_of(value));
            task.kind = Kind::Grammar;
            task.text =
                "#JSGF V1.0;\ngrammar phrases;\npublic <phrase> = " + joined(phrases, " | ") +
                ";\n";
            ++asked;
        } else if (name == "keywords") {
            PB_TRY(const auto phrases, phrases_of(value));
            task.kind = Kind::Keywords;
            task.text = joined(phrases, "\n");
            ++asked;
        } else if (name == "keywordThreshold") {
            const auto [end, error] =
                std::from_chars(value.data(), value.data() + value.size(), task.keyword_threshold);
            if (error != std::errc{} || end != value.data() + value.size() ||
                !(task.keyword_threshold > 0 && task.keyword_threshold <= 1)) {
                return fail(Errc::OutOfRange, "asr.extra.keywordThreshold");
            }
        }
    }
    if (asked > 1) {
        return fail(Errc::Malformed, "asr.extra: one of grammar, phrases and keywords");
    }
    return task;
}

class SphinxLanguage {
  public:
    explicit SphinxLanguage(std::string folder) : folder_(std::move(folder)) {
        // It speaks to standard error of every word that it does not know.
        static std::once_flag silence;
        std::call_once(silence, [] { err_set_logfp(nullptr); });
    }

    const std::string& folder() const { return folder_; }
    std::string dictionary() const { return folder_ + "/cmudict-en-us.dict"; }

    // Null: it cannot be read. Loaded at the first dictation. With the decoder's own arguments,
    // which say how much a model of language weighs beside the sound: without a weight almost any
    // word may follow any other, and to search them all takes ten times as long.
    ngram_model_t* model() {
        if (!model_) {
            const Arguments arguments(cmd_ln_init(nullptr, ps_args(), TRUE, nullptr));
            math_.reset(logmath_init(kLogBase, 0, 1));
            model_.reset(ngram_model_read(arguments.get(), (folder_ + "/en-us.lm.bin").c_str(),
                                          NGRAM_AUTO, math_.get()));
        }
        return model_.get();
    }

  private:
    std::string folder_;
    LogMath math_;
    LanguageModel model_;
};

std::shared_ptr<SphinxLanguage> make_sphinx_language(std::string folder) {
    return std::make_shared<SphinxLanguage>(std::move(folder));
}

namespace {

// Every word that could be meant, in a grammar or a list: too many do no harm.
std::set<std::string, std::less<>> words_of(std::string_view text) {
    std::set<std::string, std::less<>> out;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) {
            out.insert(std::exchange(word, {}));
        }
    };
    for (const char c : text) {
        if (is_alpha(c) || c == '\'' || c == '-' || c == '.') {
            word += to_lower(c);
        } else {
            flush();
        }
    }
    flush();
    return out;
}

// The lines of the dictionary that are about these words: a decoder with the whole of it needs
// 28 MB, with these 6 MB.
std::multimap<std::string, std::string> pronunciations(
    const std::string& path, const std::set<std::string, std::less<>>& words) {
    std::multimap<std::string, std::string> out;
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        const auto [entry, phones] = split_once(line, ' ');
        // "read(2)" is another way to say "read".
        if (words.contains(split_once(entry, '(').first)) {
            out.emplace(entry, trim(phones));
        }
    }
    return out;
}

// Text for a library that wants the name of a file.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view text) : file_(::memfd_create("keywords", MFD_CLOEXEC)) {
        std::size_t written = 0;
        while (file_ >= 0 && written < text.size()) {
            const ssize_t count = ::write(file_, text.data() + written, text.size() - written);
            if (count <= 0) {
                break;
            }
            written += static_cast<std::size_t>(count);
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }

    std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

  private:
    int file_;
};

class PocketSphinx final : public SphinxDecoder {
  public:
    PocketSphinx(Arguments arguments,
                 Decoder decoder,
                 std::shared_ptr<SphinxLanguage> language,
                 SphinxTask::Kind kind)
        : arguments_(std::move(arguments)),
          language_(std::move(language)),
          decoder_(std::move(decoder)),
          kind_(kind) {}

    void begin() override {
        ps_start_utt(decoder_.get());
        utterance_.clear();
    }

    void write(std::span<const std::int16_t> samples) override {
        ps_process_raw(decoder_.get(), samples.data(), samples.size(), FALSE, FALSE);
        if (kind_ == SphinxTask::Kind::Dictation) {
            utterance_.insert(utterance_.end(), samples.begin(), samples.end());
        }
    }

    std::string partial() override { return words(); }

    // A dictation is decoded again as a whole. The first time the channel was judged by what came
    // before, which is another caller's line at worst; the mean of the utterance itself saves
    // every fifth error over G.711.
    std::string end() override {
        ps_end_utt(decoder_.get());
        if (!utterance_.empty()) {
            ps_start_utt(decoder_.get());
            ps_process_raw(decoder_.get(), utterance_.data(), utterance_.size(), FALSE, TRUE);
            ps_end_utt(decoder_.get());
        }
        return words();
    }

  private:
    std::string words() const {
        const char* text = ps_get_hyp(decoder_.get(), nullptr);
        return std::string(trim(text != nullptr ? text : ""));
    }

    Arguments arguments_;
    std::shared_ptr<SphinxLanguage> language_;  // shared by the decoders of a thread; outlives it
    Decoder decoder_;
    SphinxTask::Kind kind_;
    std::vector<std::int16_t> utterance_;  // of a dictation
};

Arguments arguments_for(const SphinxTask& task, const SphinxLanguage& language) {
    Arguments arguments(cmd_ln_init(nullptr, ps_args(), TRUE, "-hmm",
                                    (language.folder() + "/en-us").c_str(), nullptr));
    if (arguments && task.kind == SphinxTask::Kind::Dictation) {
        cmd_ln_set_str_r(arguments.get(), "-dict", language.dictionary().c_str());
    }
    if (arguments && task.kind == SphinxTask::Kind::Keywords) {
        cmd_ln_set_float_r(arguments.get(), "-kws_threshold", task.keyword_threshold);
    }
    return arguments;
}

// They are given as a file, one phrase with its threshold per line.
int set_keywords(ps_decoder_t* decoder, const SphinxTask& task) {
    std::array<char, 32> number{};
    const auto end = std::to_chars(number.data(), number.data() + number.size(),
                                   task.keyword_threshold, std::chars_format::scientific);
    const std::string threshold(number.data(), end.ptr);
    std::string list;
    std::string_view rest = task.text;
    while (!rest.empty()) {
        const auto [phrase, after] = split_once(rest, '\n');
        list += std::string(phrase) + " /" + threshold + "/\n";
        rest = after;
    }
    const MemoryFile file(list);
    return ps_set_kws(decoder, kSearch, file.path().c_str());
}

Result<void> add_words(ps_decoder_t* decoder, const SphinxTask& task, const std::string& path) {
    const auto lines = pronunciations(path, words_of(task.text));
    for (const auto& [entry, phones] : lines) {
        ps_add_word(decoder, entry.c_str(), phones.c_str(), FALSE);
    }
    if (lines.empty()) {
        return fail(Errc::Malformed, "words of asr.extra");
    }
    return {};
}

Result<void> set_task(ps_decoder_t* decoder, const SphinxTask& task, SphinxLanguage& language) {
    int failed = 0;
    switch (task.kind) {
        case SphinxTask::Kind::Dictation: {
            ngram_model_t* const model = language.model();
            if (model == nullptr) {
                return fail(Errc::NotFound, "pocketsphinx's language model");
            }
            failed = ps_set_lm(decoder, kSearch, model);
            break;
        }
        case SphinxTask::Kind::Grammar:
            PB_CHECK(add_words(decoder, task, language.dictionary()));
            failed = ps_set_jsgf_string(decoder, kSearch, task.text.c_str());
            break;
        case SphinxTask::Kind::Keywords: {
            PB_CHECK(add_words(decoder, task, language.dictionary()));
            failed = set_keywords(decoder, task);
            break;
        }
    }
    if (failed != 0 || ps_set_search(decoder, kSearch) != 0) {
        return fail(Errc::Malformed, "grammar of asr.extra");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<SphinxDecoder>> make_sphinx_decoder(
    const SphinxTask& task, const std::shared_ptr<SphinxLanguage>& language) {
    if (!std::filesystem::exists(language->dictionary())) {
        return fail(Errc::NotFound, "pocketsphinx's English model");
    }
    Arguments arguments = arguments_for(task, *language);
    Decoder decoder(arguments ? ps_init(arguments.get()) : nullptr);
    if (!decoder) {
        return fail(Errc::Unavailable, "pocketsphinx");
    }
    PB_CHECK(set_task(decoder.get(), task, *language));
    return std::make_unique<PocketSphinx>(std::move(arguments), std::move(decoder), language,
                                          task.kind);
}

}  // namespace patchbay::speech
