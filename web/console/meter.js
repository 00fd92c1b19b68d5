// SPDX-License-Identifier: Apache-2.0
// How loud a stream is, for a <meter>: -60 dBFS is empty, 0 dBFS is full.
const FLOOR = -60; // dBFS

export class Meter {
    #context;
    #analyser;
    #samples;

    constructor(context, stream) {
        this.#context = context.createMediaStreamSource(stream);
        this.#analyser = context.createAnalyser();
        this.#analyser.fftSize = 1024;
        this.#samples = new Float32Array(this.#analyser.fftSize);
        this.#context.connect(this.#analyser);
    }

    // 0 to 1
    level() {
        this.#analyser.getFloatTimeDomainData(this.#samples);
        const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
        const decibels = 10 * Math.log10(power + 1e-12);
        return Math.min(1, Math.max(0, 1 - decibels / FLOOR));
    }

    stop() {
        this.#context.disconnect();
    }
}

// Latency and loss as the browser measures them: {roundTrip ms, jitter ms, lost %, codec}; null where it does not know.
export async function statistics(connection) {
    const report = [...(await connection.getStats()).values()];
    const inbound = report.find((one) => one.type === "inbound-rtp" && one.kind === "audio");
    const remote = report.find((one) => one.type === "remote-inbound-rtp");
    const pair = report.find((one) => one.type === "candidate-pair" && one.nominated);
    const codec = report.find((one) => one.id === inbound?.codecId);
    const expected = (inbound?.packetsReceived ?? 0) + (inbound?.packetsLost ?? 0);
    const roundTrip = remote?.roundTripTime ?? pair?.currentRoundTripTime;
    return {
        roundTrip: roundTrip === undefined ? null : roundTrip * 1000,
        jitter: inbound?.jitter === undefined ? null : inbound.jitter * 1000,
        lost: expected > 0 ? 100 * Math.max(0, inbound.packetsLost) / expected : null,
        codec: codec?.mimeType?.replace("audio/", "") ?? null,
    };
}
