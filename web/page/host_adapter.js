// SPDX-License-Identifier: Apache-2.0
// The page adapter of the host page: five functions for what the bridge wants, six events for what the page does.
patchbay.adapter(({ emit }) => {
    const phone = () => window.hostPhone;
    addEventListener("DOMContentLoaded", () => {
        phone().addEventListener("change", ({ detail: { type, number, digits, reason } }) => {
            const call = phone().id;
            switch (type) {
                case "incoming": return emit("incoming", { call, number });
                case "ringing": return emit("ringing", { call });
                case "accepted": return emit("accepted", { call });
                case "ended": return emit("ended", { call, reason });
                case "keys": return emit("keys", { call, digits });
            }
        });
        emit("ready", { paired: true });
    });
    return {
        place: (number) => phone().dial(number),
        accept: () => phone().accept(),
        reject: () => phone().end("rejected"),
        hangUp: () => phone().end(),
        sendKeys: (call, digits) => { phone().keys += digits; },
    };
});
