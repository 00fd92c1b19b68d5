// SPDX-License-Identifier: Apache-2.0
// JsSIP in a page, behind the same few functions as SIP.js in sipjs.mjs.
import JsSIP from "jssip";
import { DESCRIPTION, happened } from "./page.mjs";

const OwnConnection = window.RTCPeerConnection;

class FakeConnection extends EventTarget {
    iceGatheringState = "complete";
    iceConnectionState = "connected";
    signalingState = "stable";
    localDescription = null;
    async createOffer() { return { type: "offer", sdp: DESCRIPTION }; }
    async createAnswer() { return { type: "answer", sdp: DESCRIPTION }; }
    async setLocalDescription(description) { this.localDescription = description; }
    async setRemoteDescription(description) { window.remoteDescription = description.sdp; }
    getSenders() { return []; }
    addTrack() {}
    close() { this.signalingState = "closed"; }
}
window.RTCPeerConnection = FakeConnection;

const QUIET = { audio: false, video: false };
let agent, session;

window.startAgent = ({ url, uri, password, expires }) => {
    agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)], uri, password, register: false,
                           register_expires: expires, session_timers: false });
    agent.on("registered", () => happened("registered"));
    agent.on("unregistered", () => happened("unregistered"));
    agent.on("registrationFailed", ({ cause }) => happened("registered", cause));
    agent.on("newRTCSession", ({ session: one }) => {
        session = one;
        one.on("confirmed", () => happened("confirmed"));
        one.on("failed", ({ cause }) => happened("ended", cause));
        one.on("ended", ({ originator }) => happened("ended", originator));
        if (one.direction === "incoming") {
            one.on("progress", () => happened("ringing"));
        }
    });
    return new Promise((connected) => {
        agent.on("connected", () => connected());
        agent.start();
    });
};

window.register = () => { agent.register(); return until("registered"); };
window.unregister = () => { agent.unregister(); return until("unregistered"); };
window.invite = (target) => { agent.call(target, { mediaConstraints: QUIET }); };
// With the browser's own media: a tone out, and an ear (browser_page.js).
window.inviteWithTone = (target, frequency) => {
    window.RTCPeerConnection = OwnConnection;
    agent.call(target, { mediaStream: sing(frequency, 0.5), eventHandlers: {
        peerconnection: ({ peerconnection }) => {
            peerconnection.addEventListener("track", ({ track }) => listen(new MediaStream([track])));
        } } });
    window.RTCPeerConnection = FakeConnection;
};
// The same of a call that comes.
window.answerWithTone = (frequency) => {
    window.RTCPeerConnection = OwnConnection;
    session.on("peerconnection", ({ peerconnection }) => {
        peerconnection.addEventListener("track", ({ track }) => listen(new MediaStream([track])));
    });
    session.answer({ mediaStream: sing(frequency, 0.5) });
    window.RTCPeerConnection = FakeConnection;
};
// True when the other side has agreed.
window.hold = (held) => new Promise((done) => {
    if (!(held ? session.hold({}, () => done(true)) : session.unhold({}, () => done(true)))) {
        done(false);
    }
});
// As telephone-events (RFC 4733).
window.press = (keys) => session.sendDTMF(keys, { transportType: "RFC2833", duration: 100, interToneGap: 100 });
// Sends the other side elsewhere: to `target`, or with the call before in hand to whom this page talks to. The status
// of the last NOTIFY.
let consulted;
window.keep = () => { consulted = session; };
window.refer = (target) => new Promise((done) => {
    const eventHandlers = {
        accepted: ({ status_line: line }) => done(line.status_code),
        failed: ({ status_line: line }) => done(line.status_code),
        requestFailed: ({ response, cause }) => done(response ? response.status_code : cause),
    };
    consulted ? consulted.refer(session.remote_identity.uri, { replaces: session, eventHandlers })
              : session.refer(target, { eventHandlers });
});
window.reject = () => session.terminate({ status_code: 486 });
window.hangUp = () => { session.terminate(); };
window.stopAgent = () => agent.stop();
