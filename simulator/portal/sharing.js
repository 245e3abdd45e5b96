// The forms in which the account administrator lets others download a subscription's invoices.
// It must not know where what is saved goes.

import { el } from "/content/controls.js";
import { button, choices, links, openPane, select } from "/content/pane.js";
import { register } from "/content/saving.js";
import { word } from "/content/words.js";

export const TITLE = "Allow others to download invoice";
export const DETAILS = "Edit invoice details";

/** What a portal says that has renamed everything. */
const RENAMED = {
  [TITLE]: "Recipients of bills", Subscription: "Plan", On: "Active", Off: "Inactive", Save: "Apply", Cancel: "Back", Close: "Dismiss",
  "Select a subscription": "Pick a plan", "Your changes were saved.": "Done.", "Your changes could not be saved.": "That did not work.",
};
const sayer = (page) => (text) => (page === "Renamed" ? RENAMED[text] : null) ?? word(text);

/** The commands of the invoices page; `setup` is `{page, only, tokens, path, seal, leave}`. */
export function sharingCommands(build, setup) {
  const allow = { name: "AllowOthersToDownloadInvoice", label: sayer(setup.page)(TITLE), icon: "people", press: () => openForm(build, setup) };
  const isBehindDetails = setup.page === "Details";
  const details = { name: "EditInvoiceDetails", label: word(DETAILS), icon: "edit", press: () => isBehindDetails && openDetails(build, setup) };
  return isBehindDetails ? [details] : [allow, details];
}

function openForm(build, setup) {
  const say = sayer(setup.page);
  fill(openPane(build, say(TITLE), say("Close")), build, setup);
}

function openDetails(build, setup) {
  const pane = openPane(build, word(DETAILS), word("Close"));
  const toForm = () => {
    pane.retitle(word(TITLE));
    fill(pane, build, setup);
  };
  pane.content.replaceChildren(links(build, word(DETAILS), [
    { text: "Billing address", press: () => {} },
    { text: "Purchase order number", press: () => {} },
    { text: word(TITLE), press: toForm },
    { text: "Invoice recipients", press: () => {} },
  ]));
}

async function fill(pane, build, setup) {
  const say = sayer(setup.page);
  const server = register(setup.tokens, setup);
  const [on, off] = setup.page === "Details"
    ? ["Users/groups with subscription-level access can download invoices", "Only the account administrator can download invoices"]
    : ["On", "Off"];
  const options = [{ value: true, text: say(on) }, { value: false, text: say(off) }];
  if (setup.page === "Details") options.reverse();

  let subscription = null;
  let stored = null;
  let choice = null;
  let isBusy = false;
  let list = null;
  let turn = 0;
  let groups = [];
  const copies = setup.page === "Twice" ? 2 : 1;
  const places = Array.from({ length: copies }, () => el("div", { class: "fxs-form-section" }));
  const progress = el("div", { class: "fxs-progress" });
  const status = el("div", { class: "fxs-contextpane-status", role: "status" });
  const saves = Array.from({ length: copies }, () => button(build, say("Save"), true, save));

  const paint = () => {
    list?.enable(!isBusy);
    for (const group of groups) {
      group.enable(!isBusy);
      group.choose(choice);
    }
    for (const each of saves) each.enable(!isBusy && stored !== null && choice !== stored);
  };
  const tell = (text, kind) => {
    status.className = `fxs-contextpane-status${kind ? ` is-${kind}` : ""}`;
    status.setAttribute("role", kind === "error" ? "alert" : "status");
    status.replaceChildren(text);
  };
  const wait = (text) => progress.replaceChildren(...(text ? [el("div", { class: "fxs-progress-bar", role: "progressbar", "aria-label": text }), text] : []));
  const show = (value) => {
    stored = choice = value;
    groups = value === null ? [] : places.map(() => choices(build, say(TITLE), options, (taken) => {
      choice = taken;
      tell("");
      paint();
    }));
    places.forEach((place, at) => place.replaceChildren(...(groups[at] ? [groups[at].element] : [])));
    paint();
  };

  async function load() {
    const mine = ++turn;
    show(null);
    if (subscription === null) return;
    wait(say("Loading\u2026"));
    const value = await server.isAllowed(subscription).catch(() => null);
    if (mine !== turn) return;
    wait(null);
    show(value);
    if (value === null) tell(say("Not available"), "error");
  }

  async function save() {
    const mine = ++turn;
    isBusy = true;
    tell(say("Saving\u2026"));
    wait(say("Saving\u2026"));
    paint();
    const saving = server.save(subscription, choice).catch(() => ({ ok: false, ended: false, reason: "" }));
    setup.leave?.();
    const { ok, ended, reason } = await saving;
    const value = await server.isAllowed(subscription).catch(() => null);
    if (mine !== turn) return;
    isBusy = false;
    wait(null);
    show(value);
    if (ok) tell(say("Your changes were saved."), "success");
    else tell([say(ended ? "Your session has ended. Sign in again." : "Your changes could not be saved."), reason].filter(Boolean).join(" "), "error");
  }

  const field = el("div", {});
  pane.content.replaceChildren(
    el("p", { class: "fxs-contextpane-text" }, "Owners, contributors, readers and billing readers of a subscription can download its invoices once you allow it. Invoices show the address and the e-mail of the account administrator."),
    field, progress, ...places, status);
  pane.footer.replaceChildren(...saves.flatMap((each) => {
    // The portal's own close button and Escape do the same.
    const cancel = button(build, say("Cancel"), false, () => pane.close());
    return [each.element, cancel.element];
  }));
  paint();
  wait(say("Loading\u2026"));
  const all = await server.subscriptions().catch(() => []);
  wait(null);
  const shown = setup.only === null ? all : all.filter((each) => each.subscription === setup.only);
  const known = shown.map((each) => ({ value: each.subscription, text: `${each.name} (${each.subscription})` }));
  if (setup.only === null || setup.page === "Details") {
    list = select(build, say("Subscription"), say("Select a subscription"), known, (value) => {
      subscription = value || null;
      tell("");
      load();
    });
    field.replaceChildren(list.element);
    return;
  }
  field.replaceChildren(el("div", { class: "fxs-field" }, el("b", {}, say("Subscription")), el("div", {}, known[0]?.text ?? setup.only)));
  subscription = setup.only;
  load();
}
