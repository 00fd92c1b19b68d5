#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The reference helper of Patchbay's side `page`: starts a Chrome on this machine and says where its DevTools are. The contract
// is in README.md. Node 18 or later, no packages.
import { spawn } from "node:child_process";
import { timingSafeEqual } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";

const START_TIME = 30_000, STOP_TIME = 5_000, LOOK_TIME = 2_000; // ms
const MOST_BODY = 256 * 1024; // bytes
const PROGRAMS = ["google-chrome", "chromium", "chromium-browser", "chrome"];
// Pages play and listen without a click, and keep their pace while nobody looks at them.
const SWITCHES = ["--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows", "--disable-features=LocalNetworkAccessChecks,WebRtcHideLocalIpsWithMdns"];

const { values: options, positionals: more } = parseArgs({
    allowPositionals: true,
    options: {
        listen: { type: "string", default: "127.0.0.1:3000" },
        chrome: { type: "string", default: process.env.CHROME || "" },
        port: { type: "string", default: "9222" },
        profile: { type: "string", default: "" },
        token: { type: "string", default: process.env.PATCHBAY_HELPER_TOKEN || "" },
        help: { type: "boolean", default: false },
    },
});
if (options.help) {
    console.log("helper.mjs [--listen 127.0.0.1:3000] [--chrome PROGRAM] [--port 9222] [--profile FOLDER] [--token TOKEN] " +
        "[-- SWITCHES OF CHROME]");
    process.exit(0);
}

function findChrome() {
    const folders = (process.env.PATH || "").split(delimiter);
    return options.chrome || PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

// One browser of our own: started when it is asked for, and again when it has died.
class Browser {
    constructor() {
        this.profile = options.profile || mkdtempSync(join(tmpdir(), "patchbay-helper-"));
        this.isOwnProfile = !options.profile;
    }
    isRunning() {
        return Boolean(this.process) && this.process.exitCode === null && this.process.signalCode === null;
    }
    // Two who ask at once get the same one.
    start() {
        this.starting ||= this.startOnce().finally(() => { this.starting = undefined; });
        return this.starting;
    }
    async startOnce() {
        if (!this.isRunning()) {
            const program = findChrome();
            if (!program) {
                throw new Error("no Chrome on the PATH; name one with --chrome");
            }
            this.process = spawn(program, [...SWITCHES, `--remote-debugging-port=${options.port}`,
                `--user-data-dir=${this.profile}`, ...more, "about:blank"], { stdio: "ignore" });
            this.process.on("error", (error) => { this.failure = error; });
        }
        const end = Date.now() + START_TIME;
        while (Date.now() < end) {
            const url = await this.url();
            if (url) {
                return url;
            }
            if (!this.isRunning() || this.failure) {
                break;
            }
            await new Promise((done) => setTimeout(done, 100));
        }
        throw new Error("Chrome does not start: " + (this.failure?.message || `it ended with ${this.process.exitCode}`));
    }
    // The GUID in it changes with each start.
    url() {
        return new Promise((done) => {
            const request = get({ host: "127.0.0.1", port: options.port, path: "/json/version", timeout: LOOK_TIME }, (response) => {
                let text = "";
                response.on("data", (part) => { text += part; });
                response.on("end", () => {
                    try {
                        done(JSON.parse(text).webSocketDebuggerUrl);
                    } catch {
                        done(undefined);
                    }
                });
            });
            request.on("error", () => done(undefined));
            request.on("timeout", () => request.destroy());
        });
    }
    // Closing can hang, and it is ours.
    async stop() {
        if (!this.isRunning()) {
            return;
        }
        const ended = new Promise((done) => this.process.once("exit", done));
        this.process.kill("SIGTERM");
        const timer = setTimeout(() => this.process.kill("SIGKILL"), STOP_TIME);
        await ended;
        clearTimeout(timer);
    }
    leave() {
        if (this.isOwnProfile) {
            rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
        }
    }
}

const browser = new Browser();

function isAllowed(request) {
    if (!options.token) {
        return true;
    }
    const shown = Buffer.from(request.headers.authorization || ""), wanted = Buffer.from(`Bearer ${options.token}`);
    return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}

async function readBody(request) {
    let text = "";
    for await (const part of request) {
        text += part;
        if (text.length > MOST_BODY) {
            throw Object.assign(new Error("the body is too long"), { status: 413 });
        }
    }
    try {
        return JSON.parse(text || "{}");
    } catch {
        throw Object.assign(new Error("the body is no JSON"), { status: 400 });
    }
}

const routes = {
    "GET /health": async () => ({ status: "ok", browser: { running: browser.isRunning() } }),
    "POST /browser/start": async () => ({ url: await browser.start() }),
    "POST /browser/stop": async () => {
        await browser.stop();
        return {};
    },
    // Of what a page adapter said nothing follows here; a helper of yours may answer with commands.
    "POST /signal": async ({ bridge, notice }) => {
        console.log(JSON.stringify({ bridge, notice }));
        return { commands: [] };
    },
};

async function answer(request) {
    const name = `${request.method} ${request.url}`;
    if (name !== "GET /health" && !isAllowed(request)) {
        return [401, { error: "the token is wrong" }];
    }
    const route = routes[name];
    if (!route) {
        return [404, { error: "no such path" }];
    }
    // A page of a browser on this machine is no client: browsers say where they come from.
    if (request.headers.origin) {
        return [403, { error: "not for browsers" }];
    }
    try {
        return [200, await route(request.method === "POST" ? await readBody(request) : {})];
    } catch (error) {
        return [error.status || 503, { error: error.message }];
    }
}

const [, host, port] = options.listen.match(/^(.*):(\d+)$/) || [];
const server = createServer(async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
});
server.on("error", (error) => {
    console.error(`helper: cannot listen on ${options.listen}: ${error.message}`);
    process.exit(1);
});
server.listen(Number(port), host.replace(/^\[|\]$/g, ""), () => {
    console.log(`helper: http://${host}:${server.address().port}${options.token ? "" : " (no token: anybody who reaches it may start Chrome)"}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, async () => {
        server.close();
        await browser.stop();
        browser.leave();
        process.exit(0);
    });
}
