// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compat/oracle/oracle.hpp"

namespace patchbay::test {

const Oracle& osip();

}  // namespace patchbay::test
