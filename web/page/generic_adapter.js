// SPDX-License-Identifier: Apache-2.0
// The generic page adapter, for a page with a dial pad of its own: it presses the elements that page.elements names by CSS
// selectors, and reads the state of a call from which of them are to be seen. What is heard is bridge.js's business.
patchbay.adapter(({ emit, settings: elements }) => {
    const LOOK = 200; // ms
    const find = (name) => (elements[name] ? document.querySelector(elements[name]) : null);
    const isShown = (name) => {
        const element = find(name);
        return Boolean(element && !element.disabled && element.getClientRects().length &&
            getComputedStyle(element).visibility !== "hidden");
    };
    const press = (name) => {
        if (!isShown(name)) {
            throw new Error(`page.elements.${name} is not to be seen`);
        }
        find(name).click();
    };
    const write = (element, text) => {
        const field = element instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
        Object.getOwnPropertyDescriptor(field.prototype, "value").set.call(element, text);
        element.dispatchEvent(new Event("input", { bubbles: true }));
        element.dispatchEvent(new Event("change", { bubbles: true }));
    };
    let count = 0, ready, call; // { id, state: called | calling | active }
    const begin = (state) => (call = { id: `page-${++count}`, state });

    function look() {
        const isReady = isShown("number") || isShown("call") || isShown("accept") || isShown("active");
        if (isReady !== ready) {
            ready = isReady;
            emit("ready", { paired: ready, words: ready ? "" : "page.elements.number and page.elements.call are not to be seen" });
        }
        if (!call && isShown("accept")) {
            begin("called");
            emit("incoming", { call: call.id, number: (find("caller")?.textContent || "").trim() });
        } else if (call && call.state !== "active" && isShown("active")) {
            call.state = "active";
            emit("accepted", { call: call.id });
        } else if (call && call.state === "calling" && !call.rings && isShown("hangUp")) {
            call.rings = true;
            emit("ringing", { call: call.id });
        } else if (call && isOver()) {
            emit("ended", { call: call.id, reason: call.state === "active" ? "terminate" : "missed" });
            call = undefined;
        }
    }
    function isOver() {
        switch (call.state) {
            case "called": return !isShown("accept") && !call.taken;
            case "calling": return call.rings && !isShown("hangUp");
            default: return !isShown("active");
        }
    }
    setInterval(look, LOOK);
    return {
        place(number) {
            if (!isShown("number")) {
                throw new Error("page.elements.number is not to be seen");
            }
            write(find("number"), number);
            press("call");
            return begin("calling").id;
        },
        accept() {
            call.taken = true;
            press("accept");
        },
        reject: () => press("reject"),
        hangUp: () => press("hangUp"),
        // Each key is an element of its own: "{key}" in the selector stands for it.
        sendKeys(id, digits) {
            for (const key of digits) {
                const element = elements.keys && document.querySelector(elements.keys.replaceAll("{key}", key));
                if (!element) {
                    throw new Error(`page.elements.keys finds no key '${key}'`);
                }
                element.click();
            }
        },
    };
});
