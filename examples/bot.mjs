#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A bot on the phone: calls a SIP address, greets, and repeats every key that is pressed.
//
//     node examples/bot.mjs sip:phone@127.0.0.1:5070
//
// Needs Node 22 (which has WebSocket built in; pages in a browser have it too), a running `patchbay serve`, and a phone
// to call: `patchbay phone --dtmf 12#`.
const callee = process.argv[2] ?? "sip:phone@127.0.0.1:5070";
const socket = new WebSocket("ws://localhost:8080/call/sip");
const send = (command) => socket.send(JSON.stringify(command));
const say = (text, playId, more = {}) => send({ command: "tts", text, playId, ...more });

socket.onopen = () => send({ command: "invite", option: { callee, caller: "sip:bot@127.0.0.1" } });
socket.onclose = ({ code, reason }) => console.log("closed", code, reason);
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  console.log(event.event, event.digit ?? event.reason ?? event.error ?? "");
  if (event.event === "answer") {
    say("Hello. Press a key, or hash to end.", "greeting");
  } else if (event.event === "dtmf" && event.digit === "#") {
    say("Good bye.", "bye", { autoHangup: true });
  } else if (event.event === "dtmf") {
    // Another playId cuts what is being said: the caller never waits for the bot.
    say(`You pressed ${event.digit}.`, `key-${event.timestamp}`);
  }
};
