// SPDX-License-Identifier: Apache-2.0
// SIP.js under Node, as jssip.cjs.
"use strict";
const [url, target, hangUp] = process.argv.slice(2);
globalThis.WebSocket = require("ws");

const DESCRIPTION = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 30000 RTP/AVP 0",
                     "a=rtpmap:0 PCMU/8000", ""].join("\r\n");

function report(event, more = {}) { console.log(JSON.stringify({event, ...more})); }

const media = () => ({
    close() {},
    getDescription: async () => ({body: DESCRIPTION, contentType: "application/sdp"}),
    hasDescription: (type) => type === "application/sdp",
    rollbackDescription: async () => {},
    setDescription: async (sdp) => report("answer", {sdp}),
    sendDtmf: () => false,
});

(async () => {
    const {Inviter, SessionState, UserAgent} = await import("sip.js");
    let mine = false;
    const agent = new UserAgent({uri: UserAgent.makeURI("sip:browser@pbx.example.com"), transportOptions: {server: url},
                                 sessionDescriptionHandlerFactory: media, logLevel: "error"});
    setTimeout(() => { report("late"); process.exit(1); }, 60000);
    await agent.start();
    report("connected");
    const session = new Inviter(agent, UserAgent.makeURI(target));
    session.stateChange.addListener(async (state) => {
        if (state === SessionState.Established) {
            report("confirmed");
            if (hangUp === "hangup") {
                mine = true;
                await session.bye();
            }
        } else if (state === SessionState.Terminated) {
            report("ended", {originator: mine ? "local" : "remote"});
            await agent.stop();
            report("disconnected");
            setTimeout(() => process.exit(0), 100);
        }
    });
    await session.invite();
})();
