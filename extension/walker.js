// The walker: tells which controls its document shows; presses and chooses what it is told to.
// Must not know what any of them is for; it decides nothing.

globalThis.portalInvoicesWalker ??= (() => {
  "use strict";
  const ROLES = ["button", "link", "menuitem", "tab", "radio", "switch", "checkbox", "combobox"];
  /** What is a control without a role of its own: by name, inputs by type. */
  const NATIVE = { button: "button", a: "link", select: "combobox", radio: "radio", checkbox: "checkbox" };
  const CONTROLS = "[role], button, a[href], select:not([multiple]), input:is([type=radio], [type=checkbox])";
  const FORMS = `dialog, [role=dialog], [role=alertdialog],
    :is(form, aside, [role=form], [role=complementary]):is([aria-label], [aria-labelledby])`;
  const STATES = ["aria-checked", "aria-pressed", "aria-selected"];
  /** An element keeps its number as long as it lives. */
  const numbers = new WeakMap();
  let [newest, quiet, seen, timer, tell] = [0, 0];

  const numberOf = (element) => numbers.get(element) ?? (numbers.set(element, ++newest), newest);
  const roleOf = (element) => element.getAttribute("role") || NATIVE[element.localName] || NATIVE[element.type];
  const isTicked = (element) => /^(radio|checkbox)$/.test(element.type);
  /** Of some controls only the label is drawn. */
  const isDrawn = (element) => [element, ...((isTicked(element) && element.labels) || [])]
    .some(({ offsetWidth, offsetHeight }) => offsetWidth > 0 && offsetHeight > 0);
  const isVisible = (element) => isDrawn(element) && element.checkVisibility({ checkVisibilityCSS: true })
    && !element.closest("[inert], [aria-hidden=true]");
  const visible = (selector, root = document) => [...root.querySelectorAll(selector)].filter(isVisible);
  const controls = () => [...document.querySelectorAll(CONTROLS)]
    .filter((element) => ROLES.includes(roleOf(element)) && isVisible(element));
  const find = (number) => controls().find((element) => numberOf(element) === number);

  const squeeze = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const attribute = (element, name) => squeeze(element.getAttribute(name));
  const textOf = (node) => {
    if (!(node instanceof Element)) return node instanceof Text ? node.data : "";
    const { display } = getComputedStyle(node);
    if (display === "none" || node.matches("[aria-hidden=true], input, select, textarea, script, style")) return "";
    return display === "inline" ? saidBy(node) : ` ${saidBy(node)} `;
  };
  const contentOf = (element) => (element.options ? "" : [...element.childNodes].map(textOf).join(""));
  const saidBy = (element) => attribute(element, "aria-label") || attribute(element, "alt") || contentOf(element);
  const words = (elements) => squeeze([...(elements ?? [])].map(saidBy).join(" "));
  const labelOf = (element) => words(attribute(element, "aria-labelledby").split(" ")
    .map((id) => document.getElementById(id)).filter(Boolean)) || attribute(element, "aria-label");

  function tellControl(element, form) {
    const role = roleOf(element);
    const peers = `input[type=radio][name="${CSS.escape(element.name ?? "")}"]`;
    const group = role === "radio" && (element.closest("[role=radiogroup]") ?? document.querySelector(peers));
    const hooked = element.dataset.telemetryname ? element : element.querySelector("[data-telemetryname]");
    return {
      number: numberOf(element), role, form, group: group ? numberOf(group) : undefined,
      name: labelOf(element) || words(element.labels) || words([element]) || attribute(element, "title"),
      hook: hooked?.dataset.telemetryname ?? attribute(element, "name"),
      on: isTicked(element) ? element.checked
        : { true: true, false: false }[STATES.map((name) => attribute(element, name)).find(Boolean)],
      disabled: element.matches(":disabled") || element.closest("[aria-disabled=true]") !== null,
      value: role === "combobox" ? element.value || squeeze(contentOf(element)) : "",
      options: [...(element.options ?? [])].slice(0, 1000).map(({ value, text }) => ({ value, text })),
    };
  }
  function read() {
    const forms = visible(FORMS);
    const formOf = (element) => [...forms.keys()].findLast((at) => forms[at].contains(element));
    const tellForm = (form, at) => {
      const own = (selector) => visible(selector, form).filter((element) => formOf(element) === at);
      return {
        title: labelOf(form) || words(own("h1, h2, h3, h4, h5, h6, [role=heading]").slice(0, 1)),
        status: words(own("[role=status], [role=alert]")),
        alert: words(own("[role=alert]")) !== "",
        busy: form.matches("[aria-busy=true]") || own("[aria-busy=true], [role=progressbar], progress").length > 0,
      };
    };
    return { forms: forms.map(tellForm), controls: controls().map((each) => tellControl(each, formOf(each))) };
  }
  function act({ press, choose, value }) {
    const element = find(press ?? choose);
    if (element && press) { element.focus(); element.click(); }
    if (!choose || ![...(element?.options ?? [])].some((option) => option.value === value)) return;
    // Here that is the browser's own property, whatever the page has made of its own.
    element.value = value;
    for (const kind of ["input", "change"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  /** Tells at once what has changed and what has come to rest, and once a second what stays as it is. */
  function look() {
    const [scene, before] = [read(), seen];
    seen = JSON.stringify(scene);
    quiet = seen === before ? quiet + 1 : 0;
    if (quiet % 4 < 2) tell({ kind: "scene", scene, rest: quiet > 0 });
  }
  const stop = () => clearInterval(timer);
  /** Does what the background asks for, and goes on telling it what there is. */
  function hear(message, send) {
    if (message.kind === "stop-reading") stop();
    if (message.kind === "act") act(message);
    else if (message.kind !== "read-controls") return;
    clearInterval(timer);
    [tell, seen, timer] = [send, "", setInterval(look, 250)];
    look();
  }
  return { read, act, stop, hear };
})();
