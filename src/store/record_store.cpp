// SPDX-License-Identifier: Apache-2.0
#include "store/record_store.hpp"

#include "store/descriptor.hpp"
#include "store/document_journal.hpp"
#include "store/file_jail.hpp"
#include "store/limits.hpp"
#include "store/one_time_job.hpp"
#include "store/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace patchbay::store {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".json";

// "20220101/000000000": where a document of that time belongs, and how it begins.
std::pair<std::string, std::string> place_of(WallTime at) {
    const std::time_t seconds = static_cast<std::time_t>(at.milliseconds / 1000);
    std::tm date{};
    ::gmtime_r(&seconds, &date);
    char day[16];
    char time[16];
    const std::size_t day_size = std::strftime(day, sizeof day, "%Y%m%d", &date);
    const std::size_t time_size = std::strftime(time, sizeof time, "%H%M%S", &date);
    const std::string milliseconds = std::to_string(1000 + at.milliseconds % 1000).substr(1);
    return {std::string(day, day_size), std::string(time, time_size) + milliseconds};
}

}  // namespace

struct RecordStore::Files {
    explicit Files(fs::path root) : folder(std::move(root)) {}

    fs::path folder;
    std::unique_ptr<DocumentJournal> journal;
    std::deque<fs::path> closed;  // the oldest first; the disk thread's, but for make()

    fs::path open_path(const std::string& key) const {
        return folder / "open" / (substitute_id("{id}", key) + std::string(kSuffix));
    }
    static std::string end_of_name(const std::string& key) {
        return "_" + substitute_id("{id}", key) + std::string(kSuffix);
    }
    std::optional<fs::path> find(const std::string& key) const {
        const std::string end = end_of_name(key);
        const auto found = std::find_if(closed.rbegin(), closed.rend(), [&](const fs::path& path) {
            return path.native().ends_with(end);
        });
        return found == closed.rend() ? std::nullopt : std::optional(*found);
    }
    void add(fs::path path) {
        // Nearly always at the end: calls that began earlier mostly end earlier.
        closed.insert(std::upper_bound(closed.begin(), closed.end(), path), std::move(path));
        if (closed.size() > kListedRecords) {
            closed.pop_front();
        }
    }
    void close(const Document& document, WallTime at) {
        const auto [day, time] = place_of(at);
        std::error_code ignored;  // the write says whether it worked
        fs::create_directories(folder / day, ignored);
        fs::path path = folder / day / (time + end_of_name(document.key));
        if (!fs::exists(path, ignored)) {
            if (!write_whole_file(path, document.text)) {
                return;  // still open: the next start tries again
            }
            add(std::move(path));
        }
        fs::remove(open_path(document.key), ignored);
    }
    void load() {
        std::vector<fs::path> found;
        for (const auto& day : fs::directory_iterator(folder)) {
            if (!day.is_directory() || day.path().filename() == "open") {
                continue;
            }
            for (const auto& one : fs::directory_iterator(day.path())) {
                if (one.path().extension() == kSuffix) {
                    found.push_back(one.path());
                }
            }
        }
        std::sort(found.begin(), found.end());
        const std::size_t skip = found.size() - std::min(found.size(), kListedRecords);
        closed.assign(found.begin() + static_cast<std::ptrdiff_t>(skip), found.end());
    }
};

template <class Task>
void RecordStore::run(Task task) {
    disk_.add(make_one_time_job(std::move(task)));
}

Result<std::unique_ptr<RecordStore>> RecordStore::make(const fs::path& folder,
                                                       DiskThread& disk,
                                                       std::vector<Document>& left) {
    std::error_code error;
    fs::create_directories(folder / "open", error);
    if (error) {
        return fail(Errc::System, "records", error.value());
    }
    auto files = std::make_shared<Files>(folder);
    files->load();
    std::vector<DocumentJournal::Document> unwritten;
    PB_TRY(files->journal, DocumentJournal::open(folder / "journal", unwritten));
    for (const auto& [key, text] : unwritten) {
        PB_CHECK(write_whole_file(files->open_path(key), text));
    }
    for (const auto& one : fs::directory_iterator(folder / "open", error)) {
        if (one.path().extension() != kSuffix) {
            fs::remove(one.path(), error);  // the part of a document that was never whole
        } else if (auto text = read_whole_file(one.path())) {
            left.push_back({one.path().stem().string(), std::move(*text)});
        }
    }
    return std::unique_ptr<RecordStore>(new RecordStore(std::move(files), disk));
}

void RecordStore::open(Document document) {
    const auto slot = files_->journal->write(document.key, document.text);
    run([files = files_, document = std::move(document), slot] {
        (void)write_whole_file(files->open_path(document.key), document.text);
        if (slot) {
            files->journal->give_back(*slot);
        }
    });
}

void RecordStore::close(Document document, WallTime at) {
    run([files = files_, document = std::move(document), at] { files->close(document, at); });
}

void RecordStore::list(std::size_t most, std::size_t skip, Answer answer) {
    run([files = files_, most, skip, answer = std::move(answer)]() mutable {
        std::vector<std::string> texts;
        for (std::size_t i = skip; i < files->closed.size() && texts.size() < most; ++i) {
            if (auto text = read_whole_file(files->closed[files->closed.size() - 1 - i])) {
                texts.push_back(std::move(*text));
            }
        }
        answer(std::move(texts));
    });
}

void RecordStore::find(std::string key, Answer answer) {
    run([files = files_, key = std::move(key), answer = std::move(answer)]() mutable {
        std::vector<std::string> texts;
        if (const auto path = files->find(key)) {
            if (auto text = read_whole_file(*path)) {
                texts.push_back(std::move(*text));
            }
        }
        answer(std::move(texts));
    });
}

}  // namespace patchbay::store
