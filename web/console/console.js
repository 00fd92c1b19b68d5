// SPDX-License-Identifier: Apache-2.0
// The shell: which page is shown, whether the server answers, and the token when one is needed. A page is a function
// that fills an element and may return what to do when it is left.
import { h } from "./dom.js";
import { health, onTokenNeeded, Refused, token } from "./server.js";
import { dialPage } from "./dial.js";
import { talkPage } from "./talk.js";
import { tryPage } from "./try.js";
import { callPage } from "./call_page.js";
import { watchPage } from "./watch.js";

const PAGES = { talk: talkPage, watch: watchPage, try: tryPage, dial: dialPage };
const main = document.querySelector("#page");
const first = location.pathname === "/dial" ? "dial" : "talk";
let leave = null;

// A link may bring the token along.
const given = new URLSearchParams(location.search).get("token");
if (given) {
    token.set(given);
    history.replaceState(null, "", location.pathname + location.hash);
}

function show() {
    const [asked, ...rest] = location.hash.slice(1).split("/");
    const name = PAGES[asked] ? asked : first;
    const page = rest.length > 0 && name === "watch" ? (place) => callPage(place, decodeURIComponent(rest.join("/")))
        : PAGES[name];
    leave?.();
    main.replaceChildren();
    leave = page(main) ?? null;
    for (const link of document.querySelectorAll("nav a")) {
        if (link.dataset.page === name) {
            link.setAttribute("aria-current", "page");
        } else {
            link.removeAttribute("aria-current");
        }
    }
    document.title = `${main.querySelector("h1")?.textContent ?? "Console"} · Patchbay`;
}

async function watchServer() {
    const line = document.querySelector("#server");
    try {
        const { status, calls } = await health();
        line.textContent = `${status === "ok" ? "up" : status}, ${calls} ${calls === 1 ? "call" : "calls"}`;
    } catch {
        line.replaceChildren(h("span", { class: "problem" }, "The server does not answer."));
    }
    setTimeout(watchServer, 3000);
}

const login = document.querySelector("#login");
let asking = null;
let declined = false; // until another page is asked for

onTokenNeeded(async (problem) => {
    if (declined) {
        throw new Refused(401, "A token is needed.");
    }
    asking ??= new Promise((resolve, reject) => {
        login.querySelector(".problem").textContent = problem;
        login.showModal();
        login.addEventListener("close", () => {
            asking = null;
            declined = login.returnValue !== "ok";
            if (declined) {
                reject(new Refused(401, "A token is needed."));
            } else {
                token.set(login.querySelector("input").value.trim());
                resolve();
            }
        }, { once: true });
    });
    return asking;
});
login.querySelector("[type=button]").addEventListener("click", () => login.close("no"));
login.addEventListener("cancel", () => { login.returnValue = "no"; });

addEventListener("hashchange", () => {
    declined = false;
    show();
    main.focus({ preventScroll: true });
});
show();
watchServer();
