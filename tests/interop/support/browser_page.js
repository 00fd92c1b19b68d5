// SPDX-License-Identifier: Apache-2.0
// What a page of the tests does in the browser: one peer connection, a tone out, and an ear.
"use strict";

var connection, context, microphone, ear, player, candidates = [];

// The offer's text. `gathered`: with all candidates; otherwise without any, as many pages send it.
async function offer({ frequency = 1000, volume = 0.5, gathered = false, relay = null } = {}) {
    const input = sing(frequency, volume);
    connection = new RTCPeerConnection(relay || {});
    connection.addTrack(input.getAudioTracks()[0], input);
    connection.ontrack = (event) => listen(event.streams[0] || new MediaStream([event.track]));
    connection.onicecandidate = (event) => { if (event.candidate) candidates.push(event.candidate.toJSON()); };
    const description = await connection.createOffer();
    await connection.setLocalDescription(description);
    if (gathered && connection.iceGatheringState !== "complete") {
        await new Promise((done) => {
            connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && done();
        });
    }
    return gathered ? connection.localDescription.sdp : description.sdp;
}

// In place of a microphone.
function sing(frequency, volume) {
    context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: volume });
    microphone = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    tone.connect(gain).connect(microphone);
    tone.start();
    return microphone.stream;
}

// A WAV file into the microphone, beside the tone.
async function say(base64) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
    source.connect(microphone);
    source.start();
}

// The same call by patchbay.js, on a page of the server's own. Returns the names of what has happened.
var call, happened = [];

async function startCall(option, frequency = 1000) {
    const { Call } = await import("/patchbay.js");
    call = await Call.start({ input: sing(frequency, 0.5), option });
    connection = call.connection;
    call.addEventListener("event", ({ detail }) => happened.push(detail));
    call.addEventListener("ended", () => happened.push({ event: "ended" }));
    call.stream ? listen(call.stream) : call.addEventListener("stream", () => listen(call.stream));
    return call.state;
}

function takeHappened() {
    return happened.splice(0);
}

function listen(stream) {
    // Without an element that plays it, Chromium gives a remote stream to nobody.
    player = new Audio();
    player.srcObject = stream;
    player.play();
    ear = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(ear);
}

// A later offer of the same connection: { iceRestart: true }, or with another direction of the sound.
async function offerAgain({ iceRestart = false, direction = "sendrecv" } = {}) {
    connection.getTransceivers()[0].direction = direction;
    const description = await connection.createOffer({ iceRestart });
    await connection.setLocalDescription(description);
    return description.sdp;
}

async function accept(sdp) {
    await connection.setRemoteDescription({ type: "answer", sdp });
}

async function connected(milliseconds = 20000) {
    const end = performance.now() + milliseconds;
    while (connection.connectionState !== "connected" && performance.now() < end) {
        await new Promise((done) => setTimeout(done, 20));
    }
    return connection.connectionState;
}

// The strongest frequency and the level (RMS, 1 is full scale) of what is heard just now.
function hear() {
    if (!ear) {
        return { frequency: 0, level: 0 };
    }
    const spectrum = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(spectrum);
    const wave = new Float32Array(ear.fftSize);
    ear.getFloatTimeDomainData(wave);
    let best = 0;
    spectrum.forEach((value, bin) => { if (value > spectrum[best]) best = bin; });
    const level = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
    return { frequency: best * context.sampleRate / ear.fftSize, level };
}

// Listens from now on; heardSilence() says for how long (milliseconds) at most there was less than `level` since then.
var watch;

function watchSound(level = 0.05) {
    watch = { longest: 0, heard: performance.now() };
    watch.timer = setInterval(() => {
        const wave = new Float32Array(960); // 20 ms
        ear.getFloatTimeDomainData(wave);
        const now = performance.now();
        if (Math.max(...wave) > level) {
            watch.heard = now;
        }
        watch.longest = Math.max(watch.longest, now - watch.heard);
    }, 10);
}

function heardSilence() {
    clearInterval(watch.timer);
    return watch.longest;
}

function press(digits) {
    connection.getSenders()[0].dtmf.insertDTMF(digits, 100, 70);
}

function takeCandidates() {
    return candidates.splice(0);
}

async function statistics() {
    const found = {};
    const all = await connection.getStats();
    all.forEach((one) => {
        if (one.type === "inbound-rtp") {
            found.received = one.packetsReceived;
            found.lost = one.packetsLost;
        } else if (one.type === "outbound-rtp") {
            found.sent = one.packetsSent;
        } else if (one.type === "codec") {
            found.codec = one.mimeType;
        } else if (one.type === "transport") {
            found.dtls = one.dtlsState;
            found.cipher = one.srtpCipher;
            const pair = all.get(one.selectedCandidatePairId);
            const local = pair && all.get(pair.localCandidateId);
            found.candidate = local?.candidateType;
            found.relayProtocol = local?.relayProtocol;
            found.remoteCandidate = pair && all.get(pair.remoteCandidateId).candidateType;
        }
    });
    return found;
}

function hangUp() {
    connection.close();
}

// The answer's text to somebody else's offer, with all candidates.
async function answer(sdp, { frequency = 1000, volume = 0.5 } = {}) {
    const input = sing(frequency, volume);
    connection = new RTCPeerConnection();
    connection.ontrack = (event) => listen(event.streams[0] || new MediaStream([event.track]));
    await connection.setRemoteDescription({ type: "offer", sdp });
    connection.addTrack(input.getAudioTracks()[0], input);
    await connection.setLocalDescription(await connection.createAnswer());
    if (connection.iceGatheringState !== "complete") {
        await new Promise((done) => {
            connection.onicegatheringstatechange = () => connection.iceGatheringState === "complete" && done();
        });
    }
    return connection.localDescription.sdp;
}
