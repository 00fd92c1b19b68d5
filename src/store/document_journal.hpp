// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::store {

// Documents that outlive a killed process from this moment on, although no disk
// has been waited for: slots of a file that is mapped into memory, so that
// writing one is a copy. A slot is given back when its document is kept
// elsewhere; what a dead process left in them, open() finds.
//
// Any thread may call. It says nothing of a machine that loses its power.
class DocumentJournal {
public:
  struct Document {
    std::string key;
    std::string text;
  };
  using Slot = std::size_t;

  // `left` gets what was found, and the slots are free again.
  static Result<std::unique_ptr<DocumentJournal>>
  open(const std::filesystem::path &file, std::vector<Document> &left);
  ~DocumentJournal();
  DocumentJournal(const DocumentJournal &) = delete;
  DocumentJournal &operator=(const DocumentJournal &) = delete;

  // Nothing: all slots are taken, or the document is larger than one.
  std::optional<Slot> write(std::string_view key, std::string_view text);
  void give_back(Slot slot);

private:
  explicit DocumentJournal(char *memory);
  char *at(Slot slot) const;

  char *memory_; // mapped; of one size for ever
  std::mutex mutex_;
  std::vector<Slot> free_; // guarded by mutex_
};

} // namespace patchbay::store
