// SPDX-License-Identifier: Apache-2.0
// The little that every page needs to make elements and to write times.

// h("button", { class: "small", onclick }, "Hang up"): properties that start with "on" are listeners, the rest are
// attributes (false and null: absent). Text is always text, never markup: it may come from a caller.
export function h(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    setAttributes(element, attributes);
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, name);
    setAttributes(element, attributes);
    element.append(...children.flat());
    return element;
}

function setAttributes(element, attributes) {
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) {
            element.addEventListener(key.slice(2), value);
        } else if (key === "style") {
            element.style.cssText = value; // an attribute would need 'unsafe-inline' in the page's policy
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(key, value === true ? "" : value);
        }
    }
}

// "4:05", "1:02:03"
export function duration(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const pad = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    return minutes < 60 ? `${minutes}:${pad(seconds % 60)}`
        : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

// "14:03:22"
export function clock(time) {
    return new Date(time).toLocaleTimeString([], { hour12: false });
}

// "14:03:22" of today, else with the date.
export function moment(time) {
    const date = new Date(time);
    const today = date.toDateString() === new Date().toDateString();
    return today ? clock(date) : `${date.toLocaleDateString()} ${clock(date)}`;
}

// Writes to an element now and every second until it leaves the page.
export function everySecond(element, write) {
    write();
    const timer = setInterval(() => element.isConnected ? write() : clearInterval(timer), 1000);
}
