// SPDX-License-Identifier: Apache-2.0
// Types of patchbay.js.

/** An event of the server, as the Active Call API has it. */
export interface ServerEvent {
    event: string;
    trackId?: string;
    /** Milliseconds since 1970. */
    timestamp: number;
    [member: string]: unknown;
}

export interface CallSettings {
    /** Where Patchbay is; the page's own origin unless said. */
    server?: string;
    /** For servers that are not on this machine. */
    token?: string;
    /** The call's id; the server makes one unless said. */
    id?: string;
    /** In place of what GET /iceservers answers. */
    iceServers?: RTCIceServer[];
    /** CallOption of the API: callee, codec, tts, asr, vad, recorder ... */
    option?: Record<string, unknown>;
    /** What is sent in place of the microphone. It is not stopped at the end. */
    input?: MediaStream;
    /** Gets the call before anything is sent, for listeners that want its first events. */
    prepare?: (call: Call) => void;
    /** More of RTCConfiguration, such as iceTransportPolicy. */
    connection?: RTCConfiguration;
}

export type CallState = RTCPeerConnectionState | "ended";

/**
 * One call. Fires each event of the server under its name with the event as `detail`; besides them `event` (all),
 * `stream`, `connected` and `ended`.
 */
export class Call extends EventTarget {
    /** Resolves when the server has answered. */
    static start(settings?: CallSettings): Promise<Call>;
    /** What the other side sends; null before the event `stream`. */
    readonly stream: MediaStream | null;
    readonly id: string | null;
    readonly state: CallState;
    readonly muted: boolean;
    readonly connection: RTCPeerConnection;
    mute(muted?: boolean): void;
    unmute(): void;
    /** Keys 0-9 * # A-D. */
    press(digits: string): void;
    /**
     * Looks for a new path to the server; sound goes on meanwhile. It happens by itself when the path is mute. Rejects
     * when the server does not take it: then all is as before.
     */
    restartIce(): Promise<void>;
    /** Any command of the API. */
    send(command: string, fields?: Record<string, unknown>): void;
    hangup(reason?: string): void;
}
