// The portal's shell: session, token, routes, and the blades that live in its own document.
// It must not know that it is watched: it behaves as the portal does, with or without an extension beside it.

import { ARM, client, download, invoices } from "/content/azure.js";
import { commandBar, el, grid, icon, invoicesBlade } from "/content/controls.js";
import { closePane } from "/content/pane.js";
import { sharingCommands } from "/content/sharing.js";
import { word } from "/content/words.js";

const CLIENT = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
const TARGET = "https://management.core.windows.net//user_impersonation https://management.core.windows.net//.default";

let session = await (await fetch("/api/session")).json();

// ---------------------------------------------------------------- token
const tokens = {
  header: null,
  renewAt: 0,
  pending: null,
  current(renew) {
    if (!renew && this.header && Date.now() < this.renewAt) return this.header;
    this.pending ??= this.ask().finally(() => (this.pending = null));
    return this.pending;
  },
  async ask() {
    const body = JSON.stringify({ extensionName: "Microsoft_Azure_GTM", resourceName: "", tenant: session.account.tenant });
    const answer = await fetch("/api/DelegationToken", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { value } = await answer.json();
    this.header = value.authHeader;
    this.renewAt = Date.now() + value.expiresInMs - Math.min(60_000, value.expiresInMs / 4);
    const { tid, oid } = JSON.parse(atob(value.authHeader.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    if (oid !== session.account.object) {
      session = await (await fetch("/api/session")).json();
      subscriptions = [];
      known = false;
      drawAccount();
      draw();
    }
    if (session.sessionRecord) writeRecords(value.authHeader.slice("Bearer ".length), tid, oid, value.expiresInMs);
    return this.header;
  },
};

/** What the sign-in library leaves in the tab's storage: the one record that is of use, and others that are not. */
function writeRecords(token, tid, oid, lifetime) {
  const now = Math.floor(Date.now() / 1000);
  const home = `${oid}.${tid}`;
  const key = (kind, target) => `${home}-login.windows.net-${kind}-${CLIENT}-${tid}-${target}--`;
  const record = (credentialType, secret, target) => JSON.stringify({
    homeAccountId: home, credentialType, secret, cachedAt: `${now}`, expiresOn: `${now + lifetime / 1000}`,
    extendedExpiresOn: `${now + lifetime / 1000}`, environment: "login.windows.net", clientId: CLIENT, realm: tid,
    target, tokenType: "Bearer", lastUpdatedAt: `${Date.now()}`,
  });
  const graph = "https://graph.microsoft.com//user_impersonation https://graph.microsoft.com//.default";
  const records = {
    accessToken: [[key("accesstoken", TARGET), record("AccessToken", token, TARGET)], [key("accesstoken", graph), record("AccessToken", "decoy.graph.token", graph)]],
    idToken: [[key("idtoken", ""), record("IdToken", "decoy.id.token", "")]],
    refreshToken: [[key("refreshtoken", ""), record("RefreshToken", "decoy-refresh-token", "")]],
  };
  const index = {};
  for (const [kind, entries] of Object.entries(records)) {
    index[kind] = entries.map(([name]) => name);
    for (const [name, value] of entries) sessionStorage.setItem(name, value);
  }
  sessionStorage.setItem(`msal.1.token.keys.${CLIENT}`, JSON.stringify(index));
  sessionStorage.setItem("msal.1.account.keys", JSON.stringify([home]));
  localStorage.setItem("SavedDefaultDirectory", tid);
}

const arm = client(tokens, "Microsoft_Azure_GTM.");
let armAllowed = session.armCalls;
let subscriptions = [];
/** Whether that list came from Resource Manager, even if it is empty. */
let known = false;

// ---------------------------------------------------------------- routes
const ROUTES = {
  home: "#home",
  subscriptions: "#view/Microsoft_Azure_Billing/SubscriptionsBlade",
  hub: "#view/Microsoft_Azure_GTM/ModernBillingMenuBlade/~/",
  machines: "#browse/Microsoft.Compute%2FVirtualMachines",
};

/** `{page, item, subscription}` of the address; what is unknown is the start page. */
function route() {
  const hash = decodeURIComponent(location.hash).replace(/^#(@[^/]*\/)?/, "");
  const resource = /^resource\/subscriptions\/([0-9a-f-]{36})(?:\/(\w+))?/i.exec(hash);
  if (resource) return { page: "subscription", subscription: resource[1], item: resource[2] ?? "overview" };
  const blade = /^(?:view|blade)\/Microsoft_Azure_\w+\/(\w+)(?:\/~)?(?:\/(\w+))?/i.exec(hash);
  if (blade?.[1] === "ModernBillingMenuBlade") return { page: "hub", item: blade[2] ?? "Overview" };
  if (blade?.[1].startsWith("SubscriptionsBlade")) return { page: "subscriptions" };
  if (/^browse\/microsoft.compute/i.test(hash)) return { page: "machines" };
  return { page: "home" };
}

/** Menus move by `pushState`, which raises neither `hashchange` nor `popstate`; other links by the hash. */
function go(address) {
  history.pushState(null, "", address);
  closePane();
  draw();
}

// ---------------------------------------------------------------- shell
const root = document.getElementById("web-container");
const breadcrumb = el("nav", { class: "fxs-breadcrumb", "aria-label": "Breadcrumb" });
const journey = el("div", { class: "fxs-journey-layout" });
const account = el("button", { class: "fxs-dropmenu-button fxs-popup-button fxs-menu-account", type: "button", "aria-label": "Account menu" });

function drawAccount() {
  const { name, email, directory, domain, tenant } = session.account;
  account.title = `${name}\n${email}\n${directory} (${tenant})`;
  account.replaceChildren(
    el("span", {},
      el("span", { class: "fxs-avatarmenu-username" }, email),
      el("span", { class: "fxs-avatarmenu-tenant" }, `${directory} (${domain})`)),
    el("span", { class: "fxs-avatar" }, name.split(" ").map((part) => part[0]).join("").slice(0, 2)));
}

function shell() {
  const tool = (label, shape) => el("button", { type: "button", "aria-label": label, title: label }, icon(shape));
  drawAccount();
  root.replaceChildren(
    el("header", { class: "fxs-topbar", role: "banner" },
      tool("Show portal menu", "menu"),
      el("a", { class: "fxs-topbar-home", href: ROUTES.home }, "Microsoft Azure"),
      el("div", { class: "fxs-topbar-search", role: "search" }, icon("search"), el("span", {}, "Search resources, services, and docs (G+/)")),
      tool("Cloud Shell", "shell"), tool("Notifications", "bell"), tool("Settings", "gear"), tool("Help", "help"),
      account),
    breadcrumb,
    el("main", { class: "fxs-portal-content fxs-panorama" }, journey),
    el("div", { class: "fxs-toast" }),
    el("div", { class: "fxs-splashscreen fxs-display-none", hidden: "" }));
}

function blade({ title, subtitle, shape, trail, menu, content }) {
  document.title = `${title} - Microsoft Azure`;
  breadcrumb.replaceChildren(el("a", { href: ROUTES.home }, "Home"),
    ...trail.map(([text, href]) => el("span", {}, href ? el("a", { href }, text) : text)));
  const action = (label, sign) => el("button", { type: "button", "aria-label": label, title: label }, icon(sign));
  const header = el("header", { class: "fxs-blade-header" },
    icon(shape),
    el("div", { class: "fxs-blade-titles" },
      el("h2", { class: "fxs-blade-title-titleText" }, title),
      el("div", { class: "fxs-blade-title-subtitleText" }, subtitle)),
    el("div", { class: "fxs-blade-actions", role: "group", "aria-label": "Blade actions" }, action("Pin to dashboard", "pin")),
    el("div", { class: "fxs-blade-actions fxs-blade-close" }, action("Close", "close")));
  const kept = shown.frame?.closest(".fxs-blade");
  if (kept) {
    kept.querySelector(".fxs-blade-header").replaceWith(header);
    return;
  }
  journey.replaceChildren(
    el("section", { class: "fxs-blade fxs-blade-firstblade", "data-contenttitle": title },
      header, el("div", { class: "fxs-blade-body" }, menu ?? null, content())));
}

function menu(label, groups, selected, address) {
  const items = groups.flatMap(([group, entries]) => [
    group ? el("div", { class: "fxs-menu-group" }, group) : null,
    ...entries.map(([id, text, shape]) =>
      el("a", {
        class: `fxs-menu-item${id.toLowerCase() === selected.toLowerCase() ? " fxs-menuitem-selected" : ""}`,
        href: address(id), "data-telemetryname": `Menu-${id}`,
        "aria-current": id.toLowerCase() === selected.toLowerCase() ? "page" : null,
        onclick: (event) => { event.preventDefault(); go(address(id)); },
      }, icon(shape), text)),
  ]);
  return el("nav", { class: "fxs-menu", "aria-label": label },
    el("div", { class: "fxs-menu-search" }, icon("search"), "Search"), ...items.filter(Boolean));
}

const inDocument = (...children) =>
  el("div", { class: "fxs-blade-content-container" },
    el("div", { class: "fxs-blade-content-wrapper" }, el("div", { class: "fxs-part-content ext-msportal-padding" }, ...children)));

// ---------------------------------------------------------------- blades
let shown = { frame: null };

/** A frame loads by itself, and anew whenever it is moved: `around` it only the header is drawn again. */
function draw(around = false) {
  const at = route();
  if (!around) shown = { frame: null };
  ({ home, subscriptions: subscriptionsBlade, hub, subscription: subscriptionBlade, machines })[at.page](at);
}

function home() {
  document.title = "Home - Microsoft Azure";
  breadcrumb.replaceChildren();
  const service = (text, shape, href) => el("a", { class: "fxs-home-service", href }, icon(shape), text);
  journey.replaceChildren(el("div", { class: "fxs-home" },
    el("h2", {}, "Azure services"),
    el("div", { class: "fxs-home-services" },
      service("Cost Management + Billing", "billing", `${ROUTES.hub}Invoices`),
      service(word("Subscriptions"), "key", ROUTES.subscriptions),
      service("Virtual machines", "machine", ROUTES.machines),
      service("Storage accounts", "storage", ROUTES.machines),
      service("All resources", "list", ROUTES.machines)),
    el("h2", {}, "Resources"),
    grid("top", "machines", "Recent resources",
      ["Name", "Type", "Resource group", "Location", "Last viewed"].map((text) => ({ text })),
      () => [["contoso-web-01", "Virtual machine", "rg-production", "West Europe", "2 days ago"],
        ["contosoinvoices", "Storage account", "rg-accounting", "North Europe", "a week ago"]], "")));
}

function machines() {
  const heads = ["Name", "Resource group", "Location", "Status", "Size"].map((text) => ({ text }));
  const rows = () => [["contoso-web-01", "rg-production", "West Europe", "Running", "Standard_D4s_v5"], ["contoso-web-02", "rg-production", "West Europe", "Running", "Standard_D4s_v5"], ["contoso-build", "rg-development", "North Europe", "Stopped (deallocated)", "Standard_B2ms"]];
  blade({
    title: "Virtual machines", subtitle: session.account.directory, shape: "machine", trail: [["Virtual machines"]],
    content: () => inDocument(commandBar("top", [{ name: "Refresh", label: word("Refresh"), icon: "refresh", press: refresh }]),
      grid("top", "machines", "Virtual machines", heads, rows, "No virtual machines to display")),
  });
}

function subscriptionsBlade() {
  const rows = () => subscriptions.map((each) => [
    el("a", { href: `#@${session.account.domain}/resource/subscriptions/${each.subscriptionId}/billinginvoices` }, each.displayName || "\u00a0"),
    each.subscriptionId, session.roles[each.subscriptionId] || "\u2013", each.state,
  ]);
  blade({
    title: word("Subscriptions"), subtitle: session.account.directory, shape: "key", trail: [[word("Subscriptions")]],
    content: () => inDocument(commandBar("top", [{ name: "Refresh", label: word("Refresh"), icon: "refresh", press: refresh }]),
      grid("top", "subscriptions", word("Subscriptions"), ["Subscription name", "Subscription ID", "My role", "Status"].map((text) => ({ text })), rows, "No subscriptions to display")),
  });
}

function hub({ item }) {
  const groups = [
    [null, [["Overview", "Overview", "billing"], ["BillingAccounts", "Billing scopes", "people"]]],
    ["Billing", [["Invoices", word("Invoices"), "billing"], ["Payments", "Payment methods", "key"], ["Credits", "Azure credits", "storage"]]],
    ["Cost Management", [["costanalysis", "Cost analysis", "chart"], ["Exports", "Exports", "download"]]],
    ["Settings", [["Properties", "Properties", "gear"]]],
  ];
  const isInvoices = item.toLowerCase() === "invoices";
  blade({
    title: `Cost Management: ${session.account.directory} | ${isInvoices ? word("Invoices") : item}`,
    subtitle: "Billing account", shape: "billing", trail: [["Cost Management + Billing", `${ROUTES.hub}Overview`], [isInvoices ? word("Invoices") : item]],
    menu: menu("Cost Management + Billing", groups, item, (id) => ROUTES.hub + id),
    content: () => (isInvoices ? invoicesContent(null) : overview()),
  });
}

function subscriptionBlade({ subscription, item }) {
  const name = subscriptions.find((each) => each.subscriptionId === subscription)?.displayName ?? subscription;
  const groups = [
    [null, [["overview", "Overview", "key"], ["activitylog", "Activity log", "list"], ["users", "Access control (IAM)", "people"]]],
    ["Cost Management", [["costanalysis", "Cost analysis", "chart"]]],
    ["Billing", [["billinginvoices", word("Invoices"), "billing"], ["billingpaymentmethods", "Payment methods", "key"]]],
    ["Settings", [["properties", "Properties", "gear"]]],
  ];
  const isInvoices = /invoice/i.test(item);
  const address = (id) => `#@${session.account.domain}/resource/subscriptions/${subscription}/${id}`;
  blade({
    title: `${name} | ${isInvoices ? word("Invoices") : item}`, subtitle: "Subscription", shape: "key",
    trail: [[word("Subscriptions"), ROUTES.subscriptions], [name]],
    menu: menu("Subscription", groups, item, address),
    content: () => (isInvoices ? invoicesContent(subscription) : overview()),
  });
}

const overview = () =>
  inDocument(commandBar("top", [{ name: "Refresh", label: word("Refresh"), icon: "refresh", press: refresh }]),
    el("div", { class: "fxs-empty" }, "Nothing to show here in this simulation."));

/** The invoices, in this document or in a frame; `only` is one subscription's id. */
function invoicesContent(only) {
  const view = { invoices: [], loaded: false, byItself: armAllowed, several: only === null };
  const chosen = () => (only ? subscriptions.filter((each) => each.subscriptionId === only) : subscriptions);
  if (session.frame) {
    const frame = el("iframe", {
      class: "fxs-part-frame fxs-portal-bg-txt-br fxs-reactview-frame-active", name: "Invoices.ReactView", id: "_react_frame_2", role: "presentation",
      sandbox: "allow-same-origin allow-scripts allow-popups allow-modals allow-forms allow-downloads",
      src: `${session.frame}?trustedAuthority=${encodeURIComponent(location.origin)}`,
    });
    const order = { kind: "show", byItself: armAllowed, only, sharing: session.sharing };
    shown = { frame, tell: () => frame.contentWindow.postMessage(order, new URL(session.frame).origin) };
    return el("div", { class: "fxs-blade-content-container" }, frame);
  }
  const part = el("div", { class: "fxs-part-content ext-msportal-padding" });
  const leave = session.sharing.leaves ? () => go(ROUTES.home) : null;
  const further = sharingCommands("top", { ...session.sharing, only, tokens, leave });
  const twice = session.sharing.page === "Twice";
  const paint = () => part.replaceChildren(...invoicesBlade("top", view, { refresh, download: (url) => download(arm, url), further, twice }));
  shown = {
    frame: null,
    load: async () => {
      view.invoices = await invoices(arm, chosen());
      view.loaded = true;
      if (part.isConnected) paint();
    },
  };
  paint();
  if (armAllowed && known) shown.load();
  return el("div", { class: "fxs-blade-content-container" }, el("div", { class: "fxs-blade-content-wrapper" }, part));
}

addEventListener("message", async (event) => {
  if (!session.frame || event.origin !== new URL(session.frame).origin || event.source !== shown.frame?.contentWindow) return;
  if (event.data.kind === "ready") shown.tell();
  if (event.data.kind === "leave") go(ROUTES.home);
  if (event.data.kind === "getAuthToken") {
    const authorization = await tokens.current(event.data.renew);
    event.source.postMessage({ kind: "authToken", authorization }, event.origin);
  }
});

// ---------------------------------------------------------------- calls that go on
const policy = globalThis.trustedTypes?.createPolicy("portal", { createScriptURL: (url) => url });
const address = "/content/worker.js";
const worker = new Worker(policy ? policy.createScriptURL(address) : address, { type: "module" });

async function loadSubscriptions() {
  subscriptions = await arm.list("/subscriptions?api-version=2022-12-01");
  known = true;
}

/** The blade's own command: also the first call at all on a page that waits for it. */
async function refresh() {
  armAllowed = true;
  await loadSubscriptions();
  draw();
}

async function recall() {
  if (!armAllowed) return;
  const before = JSON.stringify([known, subscriptions]);
  await loadSubscriptions();
  if (JSON.stringify([known, subscriptions]) !== before) draw(shown.frame !== null);
  worker.postMessage({ authorization: await tokens.current(false) });
}

// A change of the hash raises it too.
addEventListener("popstate", () => {
  closePane();
  draw();
});
shell();
if (!session.sessionRecord) sessionStorage.clear();
await tokens.current(false);
// Once with what there is, so that a slow or failing Resource Manager does not leave an empty page.
draw();
const again = () => recall().catch(() => {}).finally(() => setTimeout(again, session.recallMilliseconds));
again();
