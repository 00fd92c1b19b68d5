// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "sip/location.hpp"
#include "sip/message.hpp"
#include "sip/request.hpp"

#include <cstdint>
#include <string>

namespace patchbay::sip {

struct RegistrarConfig {
    Seconds default_expires{3600};
    Seconds min_expires{60};  // a phone that wants less is told so: 423
    Seconds max_expires{7200};
};

// What a REGISTER is answered. Of `headers`, Contact is the registrar's to write.
struct RegisterReply {
    int status = 200;
    std::string reason;  // empty: the RFC's phrase
    ExtraHeaders headers;
};

// The registrar of RFC 3261 10.3 for one domain: checks what a REGISTER asks, and does all of it or
// nothing. Path is kept (RFC 3327), flows are reused (RFC 5626 in spirit: without its Require), a
// device that names itself by +sip.instance replaces its own older Contacts.
//
// Who sent the request has been proved before; `user` is he. It knows no other user's rights, no
// sockets, and keeps nothing itself.
class Registrar {
  public:
    Registrar(RegistrarConfig config, LocationService& locations)
        : config_(config), locations_(locations) {}

    RegisterReply handle(Instant now,
                         const Flow& flow,
                         const Message& request,
                         std::string_view user) const;

  private:
    struct Wish {
        Binding binding;
        Seconds expires{0};  // 0: this Contact shall go
    };
    struct Wishes {
        bool all_go = false;  // Contact: *
        std::vector<Wish> list;
        std::uint32_t sequence = 0;
        std::string call_id;
    };
    Expected<Wishes, RegisterReply> read(Instant now,
                                         const Flow& flow,
                                         const Message& request) const;
    Expected<Wish, RegisterReply> read(const Contact& contact,
                                       Seconds expires,
                                       const Binding& common) const;
    static Result<Bindings> changed(Bindings bindings, const Wishes& wishes);
    static RegisterReply accept(Instant now, const Message& request, const Bindings& bindings);

    RegistrarConfig config_;
    LocationService& locations_;
};

}  // namespace patchbay::sip
