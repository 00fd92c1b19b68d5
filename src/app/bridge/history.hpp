// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/whatsapp_calls.hpp"
#include "store/disk_thread.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace patchbay::app {

// WhatsApp calls that are over, in a file of the data folder: a line of JSON each, so that a
// restart forgets none.
class BridgeHistory {
  public:
    BridgeHistory(std::filesystem::path file, store::DiskThread& disk)
        : file_(std::move(file)), disk_(disk) {}

    // At the start: what an earlier run kept, the latest first. The file is shortened to it.
    std::vector<api::bridge::WhatsAppCall> restore() const;
    // From any thread; the disk thread writes.
    void add(const api::bridge::WhatsAppCall& call);

  private:
    std::filesystem::path file_;
    store::DiskThread& disk_;
};

}  // namespace patchbay::app
