// SPDX-License-Identifier: Apache-2.0
// SIP.js in a page, behind the same few functions as JsSIP in jssip.mjs.
import { Inviter, Registerer, SessionState, UserAgent, Web } from "sip.js";
import { DESCRIPTION, happened } from "./page.mjs";

const media = () => ({
    close() {},
    getDescription: async () => ({ body: DESCRIPTION, contentType: "application/sdp" }),
    hasDescription: (type) => type === "application/sdp",
    rollbackDescription: async () => {},
    setDescription: async (sdp) => { window.remoteDescription = sdp; },
    sendDtmf: () => false,
});

let agent, registerer, session, mine;
let singing = null;  // the call whose media is the browser's own
let frequency = null;  // of the tone in place of a microphone; null: no media at all
const ownMedia = Web.defaultSessionDescriptionHandlerFactory(async () => sing(frequency, 0.5));
const choose = (...parameters) => frequency === null ? media(...parameters) : ownMedia(...parameters);

function watch(one) {
    session = one;
    mine = false;
    one.stateChange.addListener((state) => {
        if (state === SessionState.Established) {
            if (one === singing) {
                const [receiver] = one.sessionDescriptionHandler.peerConnection.getReceivers();
                listen(new MediaStream([receiver.track]));
            }
            happened("confirmed");
        } else if (state === SessionState.Terminated) {
            happened("ended", mine ? "local" : "remote");
        }
    });
}

window.startAgent = async ({ url, uri, user, password, expires }) => {
    agent = new UserAgent({ uri: UserAgent.makeURI(uri), transportOptions: { server: url },
                            authorizationUsername: user, authorizationPassword: password,
                            sessionDescriptionHandlerFactory: choose, logLevel: "error" });
    agent.delegate = { onInvite: (invitation) => { watch(invitation); happened("ringing"); } };
    registerer = new Registerer(agent, { expires, refreshFrequency: 50 });
    await agent.start();
};

window.register = async () => {
    await registerer.register({ requestDelegate: {
        onAccept: () => happened("registered"),
        onReject: ({ message }) => happened("registered", message.reasonPhrase) } });
    return until("registered");
};
window.unregister = async () => {
    await registerer.unregister({ requestDelegate: { onAccept: () => happened("unregistered") } });
    return until("unregistered");
};
window.invite = async (target) => {
    watch(new Inviter(agent, UserAgent.makeURI(target)));
    await session.invite();
};
// With the browser's own media: a tone out, and an ear (browser_page.js).
window.inviteWithTone = async (target, wanted) => {
    frequency = wanted;
    await invite(target);  // its media is made before the INVITE leaves
    singing = session;
    frequency = null;
};
// The same of a call that comes.
window.answerWithTone = async (wanted) => {
    frequency = wanted;
    singing = session;
    await session.accept();
    frequency = null;
};
// True when the other side has agreed.
window.hold = (held) => new Promise((done) => {
    session.sessionDescriptionHandlerOptionsReInvite = { hold: held };
    session.invite({
        requestDelegate: { onAccept: () => done(true), onReject: () => done(false) },
    });
});
// Sends the other side elsewhere: to `target`, or with the call before in hand to whom this page talks to. The status
// of the last NOTIFY.
let consulted;
window.keep = () => { consulted = session; };
window.refer = (target) => new Promise((done) => {
    (consulted || session).refer(consulted ? session : UserAgent.makeURI(target), {
        onNotify: (notification) => {
            notification.accept();
            const [, status] = /^SIP\/2.0 (\d+)/.exec(notification.request.body) || [];
            if (status >= 200) {
                done(Number(status));
            }
        },
        requestDelegate: { onReject: ({ message }) => done(message.statusCode) },
    });
});
window.reject = () => session.reject({ statusCode: 486 });
window.hangUp = async () => { mine = true; await session.bye(); };
window.stopAgent = () => agent.stop();
