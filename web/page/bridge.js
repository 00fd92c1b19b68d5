// SPDX-License-Identifier: Apache-2.0
// The page's end of a bridge, put into the page by DevTools before any script of its own: a microphone in which the PBX is
// heard, an ear for what the page plays, and the way to the page adapter. It knows standard APIs only, and no site.
// Evaluated as (this)({ binding, origin, socket }).
(function patchbayBridge(settings) {
    "use strict";
    if (window !== window.top || window.patchbay || (settings.origin && location.origin !== settings.origin)) {
        return;
    }
    // Pages replace what they like; these stay the browser's own.
    const native = {
        PeerConnection: window.RTCPeerConnection, Context: window.AudioContext, Stream: window.MediaStream,
        Element: window.Audio, Socket: window.WebSocket,
        connect: AudioNode.prototype.connect, disconnect: AudioNode.prototype.disconnect,
        play: HTMLMediaElement.prototype.play, later: window.setTimeout.bind(window),
        often: window.setInterval.bind(window), never: window.clearInterval.bind(window),
        tell: window[settings.binding].bind(window), toText: JSON.stringify, encode: btoa.bind(window),
        decode: atob.bind(window),
    };
    const RATE = 16000, FRAME = 320; // 20 ms
    const KEYS = "0123456789*#ABCD"; // RFC 4733 3.2

    const say = (event, detail = {}) => native.tell(native.toText({ event, ...detail }));
    const join = (from, to, ...rest) => native.connect.call(from, to, ...rest);

    // ---- what the page hears and says, in a graph of our own
    let graph;
    function sound() {
        if (!graph) {
            const context = new native.Context({ sampleRate: 48000 });
            const node = () => new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
            graph = { context, microphone: node(), voice: node(), tracks: new GainNode(context), others: new GainNode(context) };
            join(graph.tracks, graph.voice);
            join(graph.others, graph.voice);
            ears.forEach(listenToEar);
        }
        graph.context.resume();
        return graph;
    }
    // A remote track that goes into Web Audio only stays silent in Chrome; an element wakes it.
    const awake = new Map();
    function sourceOf(track) {
        const stream = new native.Stream([track]);
        const element = new native.Element();
        ours.add(element);
        element.muted = true;
        element.srcObject = stream;
        native.play.call(element).catch(() => {});
        awake.set(track, element);
        return new MediaStreamAudioSourceNode(sound().context, { mediaStream: stream });
    }

    // ---- the microphone
    const ours = new WeakSet();
    const given = new Set(); // ids of tracks that are us
    async function getUserMedia(wanted) {
        if (!wanted || !wanted.audio || wanted.video) {
            throw new DOMException("Requested device not found", "NotFoundError");
        }
        // A fresh one each time: pages stop theirs after a call, and a stopped track is silent for good.
        const track = sound().microphone.stream.getAudioTracks()[0].clone();
        given.add(track.id);
        return new native.Stream([track]);
    }
    const device = (kind) => ({ deviceId: "default", groupId: "patchbay", kind, label: "Patchbay", toJSON() { return { ...this }; } });
    async function enumerateDevices() {
        return [device("audioinput"), device("audiooutput")];
    }
    if (navigator.mediaDevices) {
        Object.assign(MediaDevices.prototype, { getUserMedia, enumerateDevices });
    } else { // not a secure context
        const devices = Object.assign(new EventTarget(), { getUserMedia, enumerateDevices, getSupportedConstraints: () => ({}) });
        Object.defineProperty(navigator, "mediaDevices", { value: devices });
    }
    navigator.webkitGetUserMedia = (wanted, done, failed) => getUserMedia(wanted).then(done, failed);

    // ---- the page's voice: tracks of its peer connections; where there are none, whatever it plays
    const heard = new Map(); // by id
    function hearTrack(track) {
        if (track.kind === "audio" && !given.has(track.id) && !heard.has(track.id)) {
            heard.set(track.id, track);
            join(sourceOf(track), sound().tracks);
            track.addEventListener("ended", () => heard.delete(track.id));
        }
    }
    const Wrapped = new Proxy(native.PeerConnection, {
        construct(target, parameters, newTarget) {
            const connection = Reflect.construct(target, parameters, newTarget === Wrapped ? target : newTarget);
            connection.addEventListener("track", ({ track }) => hearTrack(track));
            return connection;
        },
    });
    window.RTCPeerConnection = Wrapped;
    window.webkitRTCPeerConnection = Wrapped;

    const ears = new Map(); // by the page's contexts
    function earOf(context) {
        if (!ears.has(context)) {
            ears.set(context, new MediaStreamAudioDestinationNode(context));
            if (graph) {
                listenToEar(ears.get(context));
            }
        }
        return ears.get(context);
    }
    function listenToEar(ear) {
        join(new MediaStreamAudioSourceNode(graph.context, { mediaStream: ear.stream }), graph.others);
    }
    const plays = (node, target) => target instanceof AudioDestinationNode && node.context instanceof native.Context &&
        node.context !== (graph && graph.context);
    AudioNode.prototype.connect = function connect(target, ...rest) {
        if (plays(this, target)) {
            native.connect.call(this, earOf(this.context), ...rest.slice(0, 1));
        }
        return native.connect.call(this, target, ...rest);
    };
    AudioNode.prototype.disconnect = function disconnect(target, ...rest) {
        if (plays(this, target) && ears.has(this.context)) {
            native.disconnect.call(this, ears.get(this.context), ...rest.slice(0, 1));
        }
        return native.disconnect.call(this, ...(target === undefined ? [] : [target, ...rest]));
    };
    HTMLMediaElement.prototype.play = function play() {
        if (!ours.has(this) && !this.muted) {
            if (this.srcObject instanceof native.Stream) {
                this.srcObject.getAudioTracks().forEach(hearTrack);
            } else if (!listened.has(this)) {
                listened.add(this);
                this.addEventListener("playing", () => hearElement(this), { once: true });
            }
        }
        return native.play.call(this);
    };
    const listened = new WeakSet();
    function hearElement(element) {
        const stream = element.captureStream();
        if (stream.getAudioTracks().length) {
            join(new MediaStreamAudioSourceNode(sound().context, { mediaStream: stream }), sound().others);
        }
    }
    // A page that plays its tracks through Web Audio would be heard twice.
    function weigh() {
        const alive = [...heard.values()].some((track) => track.readyState === "live" && !track.muted);
        sound().others.gain.value = alive ? 0 : 1;
    }

    // ---- the way to the server by WebRTC
    let peer, weighing;
    function openPeer() {
        closeAudio();
        const connection = new native.PeerConnection({ encodedInsertableStreams: true });
        const opened = peer = { connection, sender: connection.addTrack(sound().voice.stream.getAudioTracks()[0]), keys: new Set() };
        passOn(opened.sender);
        connection.addEventListener("track", ({ track, receiver }) => {
            passOn(receiver, (frame) => !takeKey(opened, frame));
            join(sourceOf(track), sound().microphone);
        });
        connection.addEventListener("connectionstatechange", () => {
            if (peer === opened && ["connected", "failed"].includes(connection.connectionState)) {
                say("audio", { state: connection.connectionState });
            }
        });
        weighing = native.often(weigh, 100);
        return connection;
    }
    function passOn(end, wanted = () => true) {
        const { readable, writable } = end.createEncodedStreams();
        readable.pipeThrough(new TransformStream({
            transform(frame, controller) {
                if (wanted(frame)) {
                    controller.enqueue(frame);
                }
            },
        })).pipeTo(writable).catch(() => {});
    }
    // Keys that the PBX presses come as packets (RFC 4733 2.3) that no API of the browser tells of.
    function takeKey(opened, frame) {
        const { payloadType, rtpTimestamp = frame.timestamp } = frame.getMetadata();
        if (!keyFormats(opened).has(payloadType)) {
            return false;
        }
        const [event] = new Uint8Array(frame.data);
        if (opened.last !== rtpTimestamp && event < KEYS.length) {
            say("heardKeys", { digits: KEYS[event] });
        }
        opened.last = rtpTimestamp;
        return true;
    }
    function keyFormats(opened) {
        if (!opened.formats) {
            const lines = opened.connection.localDescription.sdp.matchAll(/^a=rtpmap:(\d+) telephone-event/gm);
            opened.formats = new Set([...lines].map(([, type]) => Number(type)));
        }
        return opened.formats;
    }
    async function gathered(connection) {
        const end = performance.now() + 1500;
        while (connection.iceGatheringState !== "complete" && performance.now() < end) {
            await new Promise((done) => native.later(done, 10));
        }
        return connection.localDescription.sdp;
    }
    function closeAudio() {
        native.never(weighing);
        if (peer) {
            peer.connection.close();
            peer = undefined;
        }
        if (frames) {
            frames.close();
            frames = undefined;
        }
    }

    // ---- the way to the server by frames: 20 ms of PCM, by WebSocket where the page may open one, else by DevTools
    let frames;
    async function openFrames() {
        closeAudio();
        const context = new native.Context({ sampleRate: RATE });
        const input = new MediaStreamAudioSourceNode(context, { mediaStream: sound().voice.stream });
        const output = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
        const work = context.createScriptProcessor(512, 1, 1);
        const opened = frames = { queue: [], playing: false, rest: new Int16Array(0), socket: await openSocket() };
        work.onaudioprocess = ({ inputBuffer, outputBuffer }) => {
            sendFrames(opened, inputBuffer.getChannelData(0));
            playFrames(opened, outputBuffer.getChannelData(0));
        };
        join(input, work);
        join(work, output);
        join(new MediaStreamAudioSourceNode(sound().context, { mediaStream: output.stream }), sound().microphone);
        weighing = native.often(weigh, 100);
        opened.close = () => {
            work.onaudioprocess = null;
            context.close();
            if (opened.socket) {
                opened.socket.close();
            }
        };
        await context.resume();
        return { way: opened.socket ? "socket" : "binding" };
    }
    function openSocket() {
        return new Promise((done) => {
            if (!settings.socket) {
                return done();
            }
            native.later(done, 1500);
            try {
                const socket = new native.Socket(settings.socket);
                socket.binaryType = "arraybuffer";
                socket.onopen = () => done(socket);
                socket.onerror = () => done();
                socket.onclose = () => { if (frames && frames.socket === socket) frames.socket = undefined; };
                socket.onmessage = ({ data }) => takeFrames(new Int16Array(data));
            } catch {
                done();
            }
        });
    }
    function sendFrames(opened, samples) {
        const all = new Int16Array(opened.rest.length + samples.length);
        all.set(opened.rest);
        samples.forEach((sample, i) => { all[opened.rest.length + i] = Math.max(-1, Math.min(1, sample)) * 32767; });
        let at = 0;
        for (; at + FRAME <= all.length; at += FRAME) {
            const bytes = new Uint8Array(all.slice(at, at + FRAME).buffer);
            opened.socket ? opened.socket.send(bytes) : say("frame", { pcm: native.encode(String.fromCharCode(...bytes)) });
        }
        opened.rest = all.slice(at);
    }
    // Three frames ahead, ten at most: what comes late is not worth waiting for.
    function takeFrames(samples) {
        if (frames) {
            frames.queue.push(...samples);
            if (frames.queue.length > 10 * FRAME) {
                frames.queue.splice(0, frames.queue.length - 3 * FRAME);
            }
        }
    }
    function playFrames(opened, out) {
        opened.playing = opened.queue.length >= (opened.playing ? out.length : 3 * FRAME);
        if (opened.playing) {
            opened.queue.splice(0, out.length).forEach((sample, i) => { out[i] = sample / 32768; });
        }
    }

    // ---- the adapter
    let adapter;
    const events = ["ready", "incoming", "ringing", "accepted", "ended", "keys"];
    const emit = (event, detail = {}) => {
        if (!events.includes(event)) {
            throw new TypeError(`a page adapter has no event '${event}'`);
        }
        say(event, detail);
    };
    const needed = () => {
        if (!adapter) {
            throw new Error("no page adapter has registered");
        }
        return adapter;
    };
    const commands = {
        place: async ({ number }) => ({ call: String(await needed().place(number)) }),
        accept: ({ call }) => needed().accept(call),
        reject: ({ call }) => needed().reject(call),
        hangUp: ({ call }) => needed().hangUp(call),
        sendKeys: ({ call, digits }) => needed().sendKeys(call, digits),
        async offerAudio() {
            const connection = openPeer();
            await connection.setLocalDescription(await connection.createOffer());
            return { sdp: await gathered(connection) };
        },
        async answerAudio({ sdp }) {
            const connection = openPeer();
            await connection.setRemoteDescription({ type: "offer", sdp });
            await connection.setLocalDescription(await connection.createAnswer());
            return { sdp: await gathered(connection) };
        },
        takeAnswer: ({ sdp }) => peer.connection.setRemoteDescription({ type: "answer", sdp }),
        pressKeys: ({ digits }) => peer.sender.dtmf.insertDTMF(digits, 100, 70),
        openFrames,
        closeAudio,
    };
    Object.defineProperty(window, "patchbay", {
        value: Object.freeze({
            // make({ emit, settings }) returns { place, accept, reject, hangUp, sendKeys }.
            adapter(make) {
                adapter = make({ emit, settings: settings.elements || {} });
            },
            async run(command) {
                try {
                    return native.toText(await commands[command.name](command) || {});
                } catch (error) {
                    return native.toText({ error: String(error.message || error), reason: error.reason });
                }
            },
            play(text) {
                const bytes = Uint8Array.from(native.decode(text), (character) => character.charCodeAt(0));
                takeFrames(new Int16Array(bytes.buffer));
            },
        }),
    });
    say("hello");
})
