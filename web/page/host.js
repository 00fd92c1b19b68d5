// SPDX-License-Identifier: Apache-2.0
// A phone in a page, as a web phone is: getUserMedia, a peer connection, an element that plays. Who is at its other end is in
// the page as well: a tone, an ear and a pair of hands. window.hostPhone is what its adapter, tests and people use.
"use strict";

class HostPhone extends EventTarget {
    constructor() {
        super();
        this.state = "idle"; // calling, called, active
        this.keys = ""; // that the far end was sent
        this.tone = Number(new URLSearchParams(location.search).get("tone") || 1000);
        this.calls = 0;
    }
    tell(type, detail = {}) {
        this.dispatchEvent(new CustomEvent("change", { detail: { type, ...detail } }));
        document.getElementById("state").textContent = this.state;
    }
    // The page's own buttons
    dial(number) {
        this.begin("calling", number);
        this.tell("placed");
        return this.id;
    }
    begin(state, number) {
        if (this.state !== "idle") {
            throw Object.assign(new Error("there is a call already"), { reason: "busy" });
        }
        Object.assign(this, { state, number, id: `host-${++this.calls}`, keys: "" });
    }
    async accept() {
        await this.connect();
        this.state = "active";
        this.tell("accepted");
    }
    end(reason = "terminate") {
        if (this.state === "idle") {
            return;
        }
        this.state = "idle";
        this.near?.close();
        this.far?.close();
        this.microphone?.getTracks().forEach((track) => track.stop());
        this.tell("ended", { reason });
    }
    // The far end's hands
    farCalls(number) {
        this.begin("called", number);
        this.tell("incoming", { number });
    }
    farRings() {
        this.tell("ringing");
    }
    farAnswers() {
        return this.accept();
    }
    farPresses(digits) {
        this.tell("keys", { digits });
    }
    async connect() {
        this.near = new RTCPeerConnection();
        this.far = new RTCPeerConnection();
        this.microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
        this.near.onicecandidate = ({ candidate }) => this.far.addIceCandidate(candidate);
        this.far.onicecandidate = ({ candidate }) => this.near.addIceCandidate(candidate);
        this.near.ontrack = ({ streams }) => {
            this.player = new Audio();
            this.player.srcObject = streams[0];
            this.player.play();
        };
        this.far.ontrack = ({ track }) => this.listen(track);
        this.context = this.context || new AudioContext();
        const voice = new MediaStreamAudioDestinationNode(this.context, { channelCount: 1 });
        const oscillator = new OscillatorNode(this.context, { frequency: this.tone });
        oscillator.connect(new GainNode(this.context, { gain: 0.5 })).connect(voice);
        oscillator.start();
        this.near.addTrack(this.microphone.getAudioTracks()[0], this.microphone);
        this.far.addTrack(voice.stream.getAudioTracks()[0], voice.stream);
        await this.near.setLocalDescription(await this.near.createOffer());
        await this.far.setRemoteDescription(this.near.localDescription);
        await this.far.setLocalDescription(await this.far.createAnswer());
        await this.near.setRemoteDescription(this.far.localDescription);
    }
    listen(track) {
        const stream = new MediaStream([track]);
        this.waker = new Audio();
        this.waker.muted = true;
        this.waker.srcObject = stream;
        this.waker.play();
        this.ear = new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
        new MediaStreamAudioSourceNode(this.context, { mediaStream: stream }).connect(this.ear);
    }
    // The strongest frequency and the level (RMS, 1 is full scale) that the far end hears.
    hear() {
        if (!this.ear) {
            return { frequency: 0, level: 0 };
        }
        const spectrum = new Float32Array(this.ear.frequencyBinCount), wave = new Float32Array(this.ear.fftSize);
        this.ear.getFloatFrequencyData(spectrum);
        this.ear.getFloatTimeDomainData(wave);
        const best = spectrum.reduce((found, value, bin) => (value > spectrum[found] ? bin : found), 0);
        const level = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
        return { frequency: best * this.context.sampleRate / this.ear.fftSize, level };
    }
}

const hostPhone = window.hostPhone = new HostPhone();
const press = (id, action) => document.getElementById(id).addEventListener("click", action);
press("ring", () => hostPhone.farCalls(document.getElementById("number").value));
press("answer", () => hostPhone.farAnswers());
press("decline", () => hostPhone.end("rejected"));
press("end", () => hostPhone.end());
setInterval(() => {
    const { frequency, level } = hostPhone.state === "active" ? hostPhone.hear() : { frequency: 0, level: 0 };
    document.getElementById("level").textContent = level > 0.001 ? `${frequency.toFixed(0)} Hz, ${(20 * Math.log10(level)).toFixed(0)} dB` : "";
}, 500);
