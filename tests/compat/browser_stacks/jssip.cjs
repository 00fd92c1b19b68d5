// SPDX-License-Identifier: Apache-2.0
// JsSIP under Node: connects, asks OPTIONS, calls, is hung up or hangs up. Its media is a description without substance.
"use strict";
const [url, target, hangUp] = process.argv.slice(2);
globalThis.window = globalThis;
globalThis.WebSocket = require("ws");

const DESCRIPTION = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 30000 RTP/AVP 0",
                     "a=rtpmap:0 PCMU/8000", ""].join("\r\n");

class FakePeerConnection extends EventTarget {
    iceGatheringState = "complete";
    iceConnectionState = "connected";
    signalingState = "stable";
    localDescription = null;
    async createOffer() { return {type: "offer", sdp: DESCRIPTION}; }
    async setLocalDescription(description) { this.localDescription = description; }
    async setRemoteDescription(description) { report("answer", {sdp: description.sdp}); }
    getSenders() { return []; }
    addTrack() {}
    close() { this.signalingState = "closed"; }
}
globalThis.RTCPeerConnection = FakePeerConnection;
globalThis.RTCSessionDescription = class { constructor(value) { Object.assign(this, value); } };

function report(event, more = {}) { console.log(JSON.stringify({event, ...more})); }

const JsSIP = require("jssip");
const agent = new JsSIP.UA({sockets: [new JsSIP.WebSocketInterface(url)], uri: "sip:browser@pbx.example.com", register: false,
                            session_timers: false});
agent.on("connected", () => {
    report("connected");
    const session = agent.call(target, {mediaConstraints: {audio: false, video: false}, eventHandlers: {
        progress: () => report("progress"),
        failed: (event) => { report("failed", {cause: event.cause}); agent.stop(); },
        confirmed: () => { report("confirmed"); if (hangUp === "hangup") session.terminate(); },
        ended: (event) => { report("ended", {originator: event.originator}); agent.stop(); },
    }});
});
agent.on("disconnected", () => { report("disconnected"); setTimeout(() => process.exit(0), 100); });
setTimeout(() => { report("late"); process.exit(1); }, 60000);
agent.start();
