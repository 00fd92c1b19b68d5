// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"

#include <string>
#include <vector>

namespace patchbay::net {

// The addresses of a host name, IPv4 first, by the system's resolver on a thread of its own. An
// address as text gives itself. Errc::NotFound when the name has none.
Operation resolve(Shard& shard,
                  std::string host,
                  UniqueFunction<void(Result<std::vector<IpAddress>>)> done);

}  // namespace patchbay::net
