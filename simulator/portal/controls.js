// The portal's controls, in the markup of its older toolkit (`top`) or of its React views (`react`).
// It must not know where the data comes from.

import { word } from "/content/words.js";

const SHAPES = {
  menu: "M2 4h12M2 8h12M2 12h12",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3.5 3.5",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 14h2",
  gear: "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M3.4 12.6l1.4-1.4M11.2 4.8l1.4-1.4",
  help: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1M8 11.3v.2",
  shell: "M1.5 3h13v10h-13zM4 6l2 2-2 2M8 10.5h4",
  refresh: "M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3",
  download: "M8 2v8M5 7.5l3 3 3-3M3 13.5h10",
  filter: "M2 3h12l-4.5 5.5V13l-3-1.5v-3z",
  columns: "M2 2.5h12v11H2zM6 2.5v11M10 2.5v11",
  pin: "M6 2h4l-.5 4L12 8.5H4L6.5 6zM8 8.5V14",
  close: "M3 3l10 10M13 3L3 13",
  info: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 7.5v3.5M8 5v.2",
  billing: "M3 1.5h7l3 3v10H3zM10 1.5v3h3M5.5 8h5M5.5 10.5h5",
  key: "M13.5 5.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM8.3 7.6l-5.8 5.9M4.5 11.5L6 13",
  machine: "M1.5 2.5h13v8h-13zM8 10.5v3M5 13.5h6",
  chart: "M2 13.5h12M4 11V8M7 11V4M10 11V6M13 11V3",
  people: "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-5 9-5 9 0M11 8.5c2 0 3.5 1.5 3.5 4",
  list: "M5 4h9M5 8h9M5 12h9M2 4h.2M2 8h.2M2 12h.2",
  storage: "M2 3h12v3H2zM2 7.5h12v3H2zM2 12h12v2H2z",
  edit: "M3 13l1-3 7-7 2 2-7 7z",
};

/** An element with attributes (`on…` are listeners) and children. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.list);
  svg.append(path);
  return svg;
}

/** Commands are `{name, label, icon, press}`. */
export function commandBar(build, commands) {
  if (build === "react") {
    const buttons = commands.map((command) =>
      el("button", { class: "fui-Button", type: "button", name: command.name, "aria-label": command.label, onclick: command.press },
        icon(command.icon), command.label));
    return el("div", { class: "ms-CommandBar", role: "menubar", "aria-label": "Commands" }, ...buttons);
  }
  const items = commands.map((command) => {
    const byKey = (event) => {
      if (event.key === "Enter" || event.key === " ") command.press();
    };
    return el("li", { class: "azc-toolbar-item azc-toolbarButton fxs-commandBar-item", title: command.label },
      el("div", { class: "azc-toolbarButton-container fxs-portal-hover", role: "button", tabindex: "0", "aria-label": command.label, onclick: command.press, onkeydown: byKey },
        icon(command.icon),
        el("div", { class: "azc-toolbarButton-label fxs-commandBar-item-text", "data-telemetryname": `Command-${command.name}` }, command.label)));
  });
  return el("ul", { class: "azc-toolbar-container fxs-commandBar-itemList", role: "toolbar" }, ...items);
}

/** By grid: the column that it is sorted by, and whether backwards. A page keeps it while it stands. */
const sorted = new Map();
const byText = new Intl.Collator(undefined, { numeric: true });

/** `kind` names the columns' widths; `rows` makes the cells anew, which are text or elements. */
export function grid(build, kind, label, heads, rows, empty) {
  const cell = (content, index) =>
    el("div", { class: `fxc-gc-cell${heads[index]?.amount ? " is-amount" : ""}`, role: "gridcell", title: typeof content === "string" ? content : null }, content);
  const row = (cells) =>
    el("div", { class: "fxc-gc-row", role: "row" }, el("div", { class: "fxc-gc-row-content", role: "presentation" }, ...cells.map(cell)));
  const columns = heads.map((each, index) => {
    const sort = () => {
      const before = sorted.get(kind);
      sorted.set(kind, { index, backwards: before?.index === index && !before.backwards });
      paint();
    };
    const byKey = (event) => {
      if (event.key === "Enter" || event.key === " ") sort();
    };
    return el("div", { class: `fxc-gc-columnheader${each.amount ? " is-amount" : ""}`, role: "columnheader", tabindex: "0", onclick: sort, onkeydown: byKey }, each.text);
  });
  const body = el("div", { class: "fxc-gc-rows", role: "rowgroup" });
  // Every row is a new one, as in the portal.
  const paint = () => {
    const order = sorted.get(kind);
    const content = (made) => made.firstElementChild.children[order.index].textContent;
    const made = rows().map(row);
    if (order) made.sort((a, b) => byText.compare(content(a), content(b)) * (order.backwards ? -1 : 1));
    body.replaceChildren(...made);
    columns.forEach((column, index) => {
      if (order?.index === index) column.setAttribute("aria-sort", order.backwards ? "descending" : "ascending");
      else column.removeAttribute("aria-sort");
    });
  };
  paint();
  const table = el("div", { class: `${build === "react" ? "fui-DataGrid" : "fxc-gc-dataGrid"} columns-${kind}`, role: "grid", "aria-label": label },
    el("div", { class: "fxc-gc-columnheaders", role: "row" }, ...columns), body);
  return body.childElementCount > 0 ? table : el("div", {}, table, el("div", { class: "fxs-empty" }, empty));
}

const day = (text) => (text ? text.slice(0, 10) : "\u2013");

/** The invoices blade: command bar, filters and grid. `view` is `{invoices, loaded, byItself, several}`; `further` are
 * commands beside its own, and with `twice` a second command bar stays in sight. */
export function invoicesBlade(build, view, { refresh, download, further, twice }) {
  const rows = () => view.invoices.map((invoice) => {
    const properties = invoice.properties ?? {};
    const amount = properties.billedAmount ?? properties.totalAmount;
    const first = properties.documents?.[0];
    const state = { Paid: "", Void: " is-void" }[properties.status] ?? " is-open";
    return [
      el("span", { class: "fxs-link", role: "link", tabindex: "0" }, invoice.name),
      day(properties.invoiceDate),
      `${day(properties.invoicePeriodStartDate)} \u2013 ${day(properties.invoicePeriodEndDate)}`,
      invoice.subscription,
      amount ? `${amount.value.toFixed(2)} ${amount.currency}` : "\u2013",
      el("span", { class: `fxs-status${state}` }, properties.status ?? "\u2013"),
      first
        ? el("span", { class: "fxs-link", role: "button", tabindex: "0", "aria-label": `${word("Download")} ${invoice.name}`, onclick: () => download(first.url) }, word("Download"))
        : el("span", { class: "fxs-disabled" }, word("Not available")),
    ];
  });
  const heads = ["Invoice ID", "Invoice date", "Billing period", "Subscription", "Amount", "Status", "Document"].map((text) => ({ text, amount: text === "Amount" }));
  const empty = view.loaded ? "No invoices to display" : view.byItself ? "Loading\u2026" : "Select Refresh to load the invoices";
  const pill = (name, value) => el("span", { class: "fxs-pill" }, `${name} : `, el("b", {}, value));
  const commands = () => commandBar(build, [
    { name: "Refresh", label: word("Refresh"), icon: "refresh", press: refresh },
    ...further,
    { name: "Columns", label: "Edit columns", icon: "columns", press: () => {} },
    { name: "Feedback", label: "Give feedback", icon: "help", press: () => {} },
  ]);
  return [
    commands(),
    twice ? el("div", { class: "fxs-commandBar-sticky" }, commands()) : null,
    el("div", { class: "fxs-information" }, icon("info"), el("span", {}, "Invoices are generated a few days after your billing period ends. You can download them here once they are available.")),
    el("div", { class: "fxs-filters" }, pill("Timespan", "Last 12 months"), view.several ? pill("Subscription", "All") : null, pill("Status", "All")),
    el("p", { class: "fxs-count" }, `Showing ${view.invoices.length} of ${view.invoices.length}`),
    grid(build, "invoices", word("Invoices"), heads, rows, empty),
  ].filter(Boolean);
}
