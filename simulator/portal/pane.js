// The pane at the right of a page, and the controls of its forms in both toolkits.
// It must not know what is asked in it.

import { el, icon } from "/content/controls.js";

let open = null;
let serial = 0;
const fresh = (kind) => `${kind}-${++serial}`;

/** React hears events where they have bubbled up to, so an event that does not bubble is none to it. */
const heard = { change: new WeakMap(), click: new WeakMap() };
function hear(build, kind, element, act) {
  if (build === "react") heard[kind].set(element, act);
  else element.addEventListener(kind, act);
}

const pressedByKey = (act) => (event) => {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  act();
};

/** There is one pane at most. It takes the focus and gives it back. */
export function openPane(build, title, close) {
  closePane();
  const before = document.activeElement;
  const isReact = build === "react";
  const heading = el("h2", { class: "fxs-contextpane-title", id: fresh("pane-title"), tabindex: "-1" }, title);
  const content = el("div", { class: "fxs-contextpane-content" });
  const footer = el("div", { class: "fxs-contextpane-footer" });
  const element = el("div", {
    class: isReact ? "fxs-contextpane fui-OverlayDrawer" : "fxs-contextpane msportalfx-context-pane",
    role: isReact ? "dialog" : "complementary", "aria-labelledby": heading.id,
    onkeydown: (event) => { if (event.key === "Escape") closePane(); },
  },
  el("div", { class: "fxs-contextpane-header" }, heading,
    el("button", { class: "fxs-contextpane-close", type: "button", "aria-label": close, title: close, onclick: closePane }, icon("close"))),
  content, footer);
  for (const [kind, acts] of Object.entries(heard)) {
    if (isReact) element.addEventListener(kind, (event) => acts.get(event.target)?.(event));
  }
  open = { element, before };
  document.body.append(element);
  heading.focus();
  return {
    content,
    footer,
    close: closePane,
    retitle: (text) => {
      heading.replaceChildren(text);
      heading.focus();
    },
  };
}

export function closePane() {
  if (open === null) return;
  const { element, before } = open;
  open = null;
  element.remove();
  if (before?.isConnected) before.focus();
}

/** `{element, enable}` */
export function button(build, label, isPrimary, press) {
  if (build === "react") {
    const element = el("button", { class: `fui-Button${isPrimary ? " is-primary" : ""}`, type: "button" }, label);
    hear(build, "click", element, press);
    return { element, enable: (is) => { element.disabled = !is; } };
  }
  const act = () => {
    if (element.getAttribute("aria-disabled") !== "true") press();
  };
  const element = el("div", { class: `fxs-button fxt-button${isPrimary ? " is-primary" : ""}`, role: "button", tabindex: "0", "aria-disabled": "false", title: label, onclick: act, onkeydown: pressedByKey(act) },
    el("div", { class: "fxs-button-text" }, label));
  return {
    element,
    enable: (is) => {
      element.setAttribute("aria-disabled", String(!is));
      element.tabIndex = is ? 0 : -1;
    },
  };
}

/** A native list to choose from, with nothing chosen at first: `{element, enable}`. Options are `{value, text}`. */
export function select(build, label, hint, options, choose) {
  const id = fresh("select");
  const list = el("select", { class: build === "react" ? "fui-Select__select" : "azc-input azc-formControl", id },
    ...[{ value: "", text: hint }, ...options].map(({ value, text }) => el("option", { value }, text)));
  hear(build, "change", list, () => choose(list.value));
  const element = el("div", { class: "fxs-field" },
    el("label", { class: build === "react" ? "fui-Label" : "azc-text-label", for: id }, label), list);
  return { element, enable: (is) => { list.disabled = !is; } };
}

/** A group of radio buttons: `{element, enable, choose}`. Options are `{value, text}`. */
export function choices(build, label, options, chosen) {
  return build === "react" ? radioInputs(label, options, chosen) : optionPicker(label, options, chosen);
}

function radioInputs(label, options, chosen) {
  const name = fresh("radio");
  const inputs = options.map(({ value }) => {
    const input = el("input", { class: "fui-Radio__input", type: "radio", name, id: fresh(name), value });
    hear("react", "click", input, () => chosen(value));
    return input;
  });
  const items = options.map(({ text }, at) => el("span", { class: "fui-Radio" }, inputs[at], el("label", { class: "fui-Label", for: inputs[at].id }, text)));
  return {
    element: el("div", { class: "fui-RadioGroup", role: "radiogroup", "aria-label": label }, ...items),
    enable: (is) => inputs.forEach((input) => { input.disabled = !is; }),
    choose: (value) => inputs.forEach((input, at) => { input.checked = options[at].value === value; }),
  };
}

function optionPicker(label, options, chosen) {
  const isEnabled = () => element.getAttribute("aria-disabled") !== "true";
  const items = options.map(({ value, text }, at) => {
    const take = () => { if (isEnabled()) chosen(value); };
    const byKey = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step === undefined) return pressedByKey(take)(event);
      event.preventDefault();
      if (!isEnabled()) return;
      const next = (at + step + options.length) % options.length;
      chosen(options[next].value);
      items[next].focus();
    };
    return el("div", { class: "azc-optionPicker-item", role: "radio", "aria-checked": "false", tabindex: "-1", onclick: take, onkeydown: byKey }, text);
  });
  const shape = options.some(({ text }) => text.length > 20) ? " is-vertical" : "";
  const element = el("div", { class: `azc-optionPicker${shape}`, role: "radiogroup", "aria-label": label, "aria-disabled": "false" }, ...items);
  return {
    element,
    enable: (is) => element.setAttribute("aria-disabled", String(!is)),
    choose: (value) => items.forEach((item, at) => {
      item.setAttribute("aria-checked", String(options[at].value === value));
      item.tabIndex = options[at].value === value ? 0 : -1;
    }),
  };
}

/** Links that lead to something else in the pane: `{text, press}`. */
export function links(build, label, entries) {
  const items = entries.map(({ text, press }) => {
    if (build === "react") {
      const item = el("button", { class: "fui-Link", type: "button", role: "menuitem" }, text);
      hear(build, "click", item, press);
      return item;
    }
    return el("div", { class: "fxs-link", role: "link", tabindex: "0", onclick: press, onkeydown: pressedByKey(press) }, text);
  });
  return el("div", { class: "fxs-contextpane-links", role: build === "react" ? "menu" : "group", "aria-label": label }, ...items);
}
