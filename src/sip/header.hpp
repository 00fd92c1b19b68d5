// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every typed header; header/form.hpp says what one is.
#include "sip/header/call_id.hpp"
#include "sip/header/credentials.hpp"
#include "sip/header/cseq.hpp"
#include "sip/header/event_package.hpp"
#include "sip/header/form.hpp"
#include "sip/header/media_type.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/header/number.hpp"
#include "sip/header/reason.hpp"
#include "sip/header/tokens.hpp"
#include "sip/header/via.hpp"
