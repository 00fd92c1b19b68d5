// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "store/disk_thread.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::store {

// Documents about calls, one file each, that survive a killed process: a document is open from the
// birth of its call until its end, and closed exactly once.
//
//   journal                           at birth, until the disk thread has had its turn
//   open/KEY.json                     then, in place of a row in a table
//   YYYYMMDD/HHMMSSmmm_KEY.json       at the end: written beside, then renamed, so that it is whole
//                                     or not there; then the open one goes
//
// What is still open at the next start belonged to a process that died; its owner closes it. The
// text of a document is its owner's business. Any thread may call; files are touched by the disk
// thread only, but for make().
class RecordStore {
  public:
    struct Document {
        std::string key;
        std::string text;
    };
    using Answer = UniqueFunction<void(std::vector<std::string>)>;

    // Errc::System: the folder cannot be used. `left` gets the documents that a dead process left
    // open.
    static Result<std::unique_ptr<RecordStore>> make(const std::filesystem::path& folder,
                                                     DiskThread& disk,
                                                     std::vector<Document>& left);

    void open(Document document);
    // `at`: the start of the call, by which lists are sorted.
    void close(Document document, WallTime at);

    // The texts of the latest closed documents, the newest first. `answer` is called on the disk
    // thread.
    void list(std::size_t most, std::size_t skip, Answer answer);
    // One text, or none.
    void find(std::string key, Answer answer);

  private:
    struct Files;  // shared with the jobs on the disk thread, which may outlive the store

    explicit RecordStore(std::shared_ptr<Files> files, DiskThread& disk)
        : files_(std::move(files)), disk_(disk) {}
    template <class Task>
    void run(Task task);

    std::shared_ptr<Files> files_;
    DiskThread& disk_;
};

}  // namespace patchbay::store
