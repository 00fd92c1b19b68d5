// SPDX-License-Identifier: Apache-2.0
// The shell: which page is shown, whether the server answers, and the token when one is needed. A page is a function
// that fills an element and may return what to do when it is left.
import { h } from "./dom.js";
import { health, onTokenNeeded, token } from "./server.js";
import { talkPage } from "./talk.js";
import { tryPage } from "./try.js";
import { callPage } from "./call_page.js";
import { watchPage } from "./watch.js";

const PAGES = { talk: talkPage, watch: watchPage, try: tryPage };
const main = document.querySelector("#page");
let leave = null;

function show() {
    const [name, ...rest] = location.hash.slice(1).split("/");
    const page = rest.length > 0 && name === "watch" ? (place) => callPage(place, decodeURIComponent(rest.join("/")))
        : PAGES[name] ?? talkPage;
    leave?.();
    main.replaceChildren();
    leave = page(main) ?? null;
    for (const link of document.querySelectorAll("nav a")) {
        if (link.dataset.page === (PAGES[name] ? name : "talk")) {
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

onTokenNeeded((problem) => {
    asking ??= new Promise((resolve) => {
        login.querySelector(".problem").textContent = problem;
        login.showModal();
        login.addEventListener("close", () => {
            token.set(login.querySelector("input").value.trim());
            asking = null;
            resolve();
        }, { once: true });
    });
    return asking;
});
login.addEventListener("cancel", (event) => event.preventDefault());

addEventListener("hashchange", () => {
    show();
    main.focus({ preventScroll: true });
});
show();
watchServer();
