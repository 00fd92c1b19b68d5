// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/files/fetch_guard.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "media/byte_source.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "store/media_cache.hpp"

#include <memory>
#include <string>

namespace patchbay::app {

// Media files on the web for the calls of a shard: from the cache, or downloaded, and then playable
// while they are still on their way. Clients' URLs go through the fetch guard, with every
// redirection. Belongs to its shard.
class MediaDownloads {
  public:
    // Once; the bytes may still be arriving, and say so.
    using Opened = UniqueFunction<void(Result<std::shared_ptr<media::ByteSource>>)>;

    MediaDownloads(net::Shard& shard, const FetchGuard& guard, store::MediaCache& cache)
        : shard_(shard), guard_(guard), cache_(cache) {}

    // `client_is_local`: see FetchGuard. May answer at once. Destroying the operation ends the
    // download; who reads the bytes then waits in vain.
    net::Operation open(const std::string& url, bool client_is_local, Opened opened);

  private:
    net::Shard& shard_;
    const FetchGuard& guard_;
    store::MediaCache& cache_;
};

}  // namespace patchbay::app
