// SPDX-License-Identifier: Apache-2.0
// A call from a web page to Patchbay: one WebSocket for commands and events, one peer connection for the sound. No
// dependencies. Types stand in patchbay.d.ts; docs/webrtc.md shows a page.
//
//   import { Call } from "/patchbay.js";
//   const call = await Call.start({ option: { callee: "echo" } });
//   call.addEventListener("stream", () => { audio.srcObject = call.stream; });
//   call.addEventListener("asrFinal", ({ detail }) => console.log(detail.text));
//   call.mute(); call.press("5"); call.send("tts", { text: "Hello" }); call.hangup();

const CONNECTED = "connected";
const DISCONNECTED = "disconnected";
const FAILED = "failed";
// A path that is mute for so long (milliseconds) is looked for anew; most of the shorter silences end by themselves.
const MUTE_TIME = 2000;

// Fires every event of the server under its own name with the event as `detail`, and besides: "event" (all of them),
// "stream" (sound from the other side is there), "connected" (it flows), "ended" (once, whatever the reason).
export class Call extends EventTarget {
    #socket;
    #connection;
    #input;
    #ownsInput;
    #ended = null;
    #restarting = null;
    #muteTimer = null;
    #requests = 0;

    // Opens the call; resolves when the server has answered. Rejects when it does not, or without a microphone.
    // `prepare` gets the call before anything is sent, for listeners that want its first events.
    static async start(settings = {}) {
        const input = settings.input ?? await navigator.mediaDevices.getUserMedia({ audio: true });
        const call = new Call(input, settings.input === undefined);
        settings.prepare?.(call);
        try {
            await call.#open(settings);
        } catch (failure) {
            call.#end({ reason: "failed" });
            throw failure;
        }
        return call;
    }

    // Not for pages: use start().
    constructor(input, ownsInput) {
        super();
        this.#input = input;
        this.#ownsInput = ownsInput;
        this.stream = null;
        this.id = null;
    }

    get state() {
        return this.#ended ? "ended" : this.#connection?.connectionState ?? "new";
    }

    // The RTCPeerConnection, for statistics.
    get connection() {
        return this.#connection;
    }

    get muted() {
        return this.#input.getAudioTracks().every((track) => !track.enabled);
    }

    // Silences the microphone; the other side goes on hearing silence.
    mute(muted = true) {
        for (const track of this.#input.getAudioTracks()) {
            track.enabled = !muted;
        }
    }

    unmute() {
        this.mute(false);
    }

    // Sends keys, 0-9 * # A-D, as telephone events.
    press(digits) {
        const sender = this.#connection.getSenders().find((one) => one.dtmf);
        if (!sender?.dtmf?.canInsertDTMF) {
            throw new Error("this call carries no keys");
        }
        sender.dtmf.insertDTMF(sender.dtmf.toneBuffer + digits, 100, 70);
    }

    // Any command of the API: send("tts", { text: "Hello" }).
    send(command, fields = {}) {
        if (this.#ended) {
            throw new Error("the call has ended");
        }
        this.#socket.send(JSON.stringify({ command, ...fields }));
    }

    hangup(reason) {
        if (!this.#ended) {
            this.send("hangup", reason === undefined ? {} : { reason });
        }
    }

    // Looks for a new path, as after a change of network; sound goes on where it went meanwhile. Happens by itself when
    // the path is mute. Rejects when the server does not take it: then all is as before.
    restartIce() {
        this.#restarting ??= this.#offerAgain({ iceRestart: true }).finally(() => { this.#restarting = null; });
        return this.#restarting;
    }

    async #offerAgain(options) {
        const offer = await this.#connection.createOffer(options);
        const requestId = `offer-${++this.#requests}`;
        const answered = this.#answer(requestId);
        this.send("offer", { sdp: offer.sdp, requestId });
        await this.#connection.setLocalDescription(offer);
        try {
            await this.#connection.setRemoteDescription({ type: "answer", sdp: (await answered).sdp });
        } catch (failure) {
            if (this.#connection.signalingState === "have-local-offer") {
                await this.#connection.setLocalDescription({ type: "rollback" });
            }
            throw failure;
        }
    }

    async #open({ server = location.origin, token, id, iceServers, option = {}, connection = {} }) {
        const base = new URL(server);
        const headers = token ? { Authorization: `Bearer ${token}` } : {};
        iceServers ??= await fetch(new URL("/iceservers", base), { headers }).then((answer) => answer.ok ? answer.json() : []);
        this.#connection = new RTCPeerConnection({ ...connection, iceServers: iceServers.map(withoutNulls) });
        this.#watchConnection();
        for (const track of this.#input.getAudioTracks()) {
            this.#connection.addTrack(track, this.#input);
        }
        const offer = await this.#connection.createOffer();
        await this.#openSocket(socketAddress(base, id, token));
        const answered = this.#answer();
        this.send("invite", { option: { ...option, offer: offer.sdp } });
        // Candidates are found from now on, and follow the offer one by one.
        await this.#connection.setLocalDescription(offer);
        await this.#connection.setRemoteDescription({ type: "answer", sdp: (await answered).sdp });
    }

    #watchConnection() {
        this.#connection.ontrack = ({ streams, track }) => {
            this.stream = streams[0] ?? new MediaStream([track]);
            this.#fire("stream", this.stream);
        };
        this.#connection.onicecandidate = ({ candidate }) => {
            // Media of this server is UDP, ICE's candidates over TCP (RFC 6544) are none of its.
            if (candidate?.candidate && candidate.protocol !== "tcp" && !this.#ended) {
                this.send("addIceCandidate", { candidate: candidate.candidate, sdpMid: candidate.sdpMid,
                                               sdpMLineIndex: candidate.sdpMLineIndex });
            }
        };
        this.#connection.onconnectionstatechange = () => {
            const state = this.#connection.connectionState;
            clearTimeout(this.#muteTimer);
            if (state === CONNECTED) {
                this.#fire("connected", null);
            } else if (state === DISCONNECTED || state === FAILED) {
                this.#muteTimer = setTimeout(() => this.#recover(), state === FAILED ? 0 : MUTE_TIME);
            }
        };
    }

    #recover() {
        if (!this.#ended) {
            this.restartIce().catch(() => {}); // the server has said why, in an `error` event
        }
    }

    #openSocket(address) {
        this.#socket = new WebSocket(address);
        this.#socket.onmessage = ({ data }) => typeof data === "string" && this.#receive(JSON.parse(data));
        this.#socket.onclose = () => this.#end({ reason: "closed" });
        return new Promise((resolve, reject) => {
            this.#socket.onopen = resolve;
            this.#socket.onerror = () => reject(new Error(`no connection to ${address.origin}`));
        });
    }

    // The server's answer, or why there is none: to the request of that name, or to the invite. Other errors, of an
    // option that is not served, say, do not end a call.
    #answer(requestId) {
        return new Promise((resolve, reject) => {
            const listening = new AbortController();
            const hear = (name, act) => this.addEventListener(name, ({ detail }) => act(detail), { signal: listening.signal });
            const refuse = (why) => {
                listening.abort();
                reject(new Error(why));
            };
            hear("answer", (answer) => {
                listening.abort();
                resolve(answer);
            });
            hear("ended", ({ reason }) => refuse(reason));
            hear("error", ({ sender, requestId: of, error }) => {
                if (of === requestId && (sender === "command" || sender === "invite")) {
                    refuse(error);
                }
            });
        });
    }

    #receive(event) {
        this.id ??= event.trackId ?? null;
        this.#fire("event", event);
        this.#fire(event.event, event);
        // The end of a second leg is not the end of this call.
        if (event.event === "hangup" && !event.refer) {
            this.#end(event);
        }
    }

    #end(why) {
        if (this.#ended) {
            return;
        }
        this.#ended = why;
        clearTimeout(this.#muteTimer);
        this.#connection?.close();
        this.#socket?.close();
        if (this.#ownsInput) {
            this.#input.getTracks().forEach((track) => track.stop());
        }
        this.#fire("ended", why);
    }

    #fire(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }
}

function socketAddress(base, id, token) {
    const address = new URL("/call/webrtc", base);
    address.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    if (id !== undefined) {
        address.searchParams.set("id", id);
    }
    if (token) {
        address.searchParams.set("token", token); // pages cannot send headers with a WebSocket
    }
    return address;
}

// The contract has null where RTCIceServer wants nothing.
function withoutNulls(server) {
    return Object.fromEntries(Object.entries(server).filter(([, value]) => value !== null));
}
