// SPDX-License-Identifier: Apache-2.0
// werift as a page would be: one peer connection, a tone out over PCMU, and an ear. Commands come in and answers go out
// as lines of JSON on standard input and output: {"id": 1, "call": "offer", "with": {...}}.
"use strict";

const readline = require("node:readline");
const { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } = require("werift");

const RATE = 8000;
const FRAME = 160; // 20 ms
const PCMU = new RTCRtpCodecParameters({ mimeType: "audio/PCMU", clockRate: RATE, channels: 1, payloadType: 0 });

// "ipv6": by nothing else, and on this machine.
const network = process.argv[2] === "ipv6" ? { iceUseIpv4: false, iceAdditionalHostAddresses: ["::1"] } : {};
const connection = new RTCPeerConnection({ codecs: { audio: [PCMU] }, ...network });
const track = new MediaStreamTrack({ kind: "audio" });
const candidates = [];
const heard = [];
let received = 0;

connection.addTransceiver(track, { direction: "sendrecv" });
connection.onIceCandidate.subscribe((candidate) => candidate && candidates.push(candidate.toJSON()));
connection.onTrack.subscribe((theirs) => theirs.onReceiveRtp.subscribe((packet) => {
    ++received;
    for (const byte of packet.payload) {
        heard.push(fromMuLaw(byte));
    }
    heard.splice(0, Math.max(0, heard.length - RATE / 2));
}));

// ITU-T G.711, from the definition of the curve.
function toMuLaw(sample) {
    const magnitude = Math.min(Math.abs(sample), 32635) + 132;
    const exponent = Math.floor(Math.log2(magnitude)) - 7;
    const mantissa = (magnitude >> (exponent + 3)) & 0x0F;
    return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xFF;
}

function fromMuLaw(byte) {
    const bits = ~byte & 0xFF;
    const magnitude = (((bits & 0x0F) << 3) + 132) << ((bits >> 4) & 0x07);
    return bits & 0x80 ? 132 - magnitude : magnitude - 132;
}

// Packets leave when they are due, however late the timer is.
function sing(frequency) {
    const began = performance.now();
    let sent = 0;
    setInterval(() => {
        for (; began + sent * 20 < performance.now(); ++sent) {
            const payload = Buffer.alloc(FRAME);
            for (let i = 0; i < FRAME; ++i) {
                payload[i] = toMuLaw(Math.round(8000 * Math.sin(2 * Math.PI * frequency * (sent * FRAME + i) / RATE)));
            }
            track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 0, sequenceNumber: sent & 0xFFFF, marker: sent === 0,
                                                         timestamp: sent * FRAME }), payload).serialize());
        }
    }, 10);
}

const calls = {
    sing: ({ frequency }) => sing(frequency),
    // `setup`: our part in DTLS; `bare`: without candidates, which takeCandidates has.
    offer: async ({ iceRestart = false, setup = "actpass", bare = false }) => {
        await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
        const lines = connection.localDescription.sdp.split("\r\n");
        return lines.filter((line) => !bare || !/^a=(candidate|end-of-candidates)/.test(line))
            .map((line) => line.startsWith("a=setup:") ? `a=setup:${setup}` : line).join("\r\n");
    },
    accept: ({ sdp }) => connection.setRemoteDescription({ type: "answer", sdp }),
    takeCandidates: () => candidates.splice(0),
    state: () => connection.connectionState,
    role: () => connection.dtlsTransports[0].role,
    // Half a second of it, by the crossings of zero.
    hear: () => {
        const level = Math.sqrt(heard.reduce((sum, one) => sum + one * one, 0) / Math.max(1, heard.length)) / 32768;
        let rising = 0;
        for (let i = 1; i < heard.length; ++i) {
            rising += heard[i - 1] < 0 && heard[i] >= 0 ? 1 : 0;
        }
        return { frequency: heard.length ? rising * RATE / heard.length : 0, level, received };
    },
    close: () => connection.close(),
};

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    const { id, call, with: argument } = JSON.parse(line);
    try {
        console.log(JSON.stringify({ id, value: (await calls[call](argument ?? {})) ?? null }));
    } catch (failure) {
        console.log(JSON.stringify({ id, failure: String(failure.stack) }));
    }
}).on("close", () => process.exit(0));
