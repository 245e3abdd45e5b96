// The dock's place in the portal page: stands there, reports where the page is, and shows what it is told.
// Must not know what anything means; and what it draws lies in a page that may read and change it.

(() => {
  "use strict";
  const { portalInvoicesRenderer: { createSurface, createView }, portalInvoicesWalker: walker } = globalThis;
  // Injected a second time into the same page: the newer instance stays.
  globalThis.portalInvoicesDock?.stop();

  const life = new AbortController();
  const { signal } = life;
  const alive = () => Boolean(globalThis.chrome?.runtime?.id);
  const FOLDED = "folded";

  /** An element of ours with an open shadow root, so that tools for accessibility can look inside. */
  function createHost(tag) {
    const host = document.createElement(tag);
    const root = host.attachShadow({ mode: "open" });
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet" });
    style.href = chrome.runtime.getURL("surface.css");
    style.addEventListener("load", () => { host.dataset.mode = mode(); host.style.display = ""; });
    root.append(style);
    /** Each time the style is loaded anew, and unstyled content would flash up and take room. */
    const placeIn = (parent, before = null) => { host.style.display = "none"; parent.insertBefore(host, before); };
    return { host, root, placeIn };
  }

  // --- The connection -------------------------------------------------------------------------------------------

  let [port, live, told] = [null, false, ""];
  /** What the person pressed or chose and nobody has confirmed: a background that just ends takes it along. */
  let unheard = [];

  function connect() {
    if (port || signal.aborted) return;
    // An orphan cannot connect any more.
    try { port = chrome.runtime.connect({ name: "dock" }); } catch { stop(); return; }
    port.onMessage.addListener(hear);
    port.onDisconnect.addListener(() => {
      // Looked at, or the browser tells the page that nobody did.
      void globalThis.chrome?.runtime?.lastError;
      port = null;
      // Whoever goes on with a walk asks again.
      walker.stop();
      cover(true);
      if (!alive()) stop();
      else if (live || unheard.length) connect();
    });
    told = location.href;
    port.postMessage({ kind: "hello", location: told, language: document.documentElement.lang });
    if (rows.size) port.postMessage({ kind: "rows", ids: [...rows.keys()] });
    unheard.forEach((message) => port.postMessage(message));
  }

  /** Says something, to a background that may have to be woken for it. */
  function send(message) {
    connect();
    if (message.kind === "press" || message.kind === "choose") unheard.push(message);
    port?.postMessage(message);
  }

  function hear(message) {
    if (message.kind === "show") show(message);
    else if (message.kind === "heard") unheard.shift();
    else if (message.kind === "hide") hide();
    else if (message.kind === "read-session-record") send({ kind: "session-record", records: sessionRecords() });
    else if (message.kind !== "go") serve(message);
    else if (message.hash.startsWith("#view/Microsoft_Azure_GTM/")) location.hash = message.hash;
  }

  /** A walk through the page's controls, which the dock does not cover meanwhile: the person may have to press there. */
  function serve(message) {
    if (message.kind === "read-controls") cover(false);
    if (message.kind === "stop-reading") cover(true);
    walker.hear(message, (scene) => port?.postMessage(scene));
  }

  const cover = (covers) => { if (dock) dock.host.hidden = !covers; };

  /** The portal's access tokens for Resource Manager, never any other token. Read only when the person has pressed. */
  function sessionRecords() {
    const records = [];
    for (const key of Object.keys(sessionStorage)) {
      if (!/accesstoken/i.test(key) || !/management\.(core\.windows\.net|azure\.com)/i.test(key)) continue;
      try {
        const { credentialType, realm, target, expiresOn, secret } = JSON.parse(sessionStorage.getItem(key));
        if (credentialType !== "AccessToken" || typeof secret !== "string") continue;
        records.push({ realm: String(realm), target: String(target), expiresOn: String(expiresOn), secret });
      } catch { /* Not a record that can be read: as good as none. */ }
    }
    return records;
  }

  // --- What is shown --------------------------------------------------------------------------------------------

  let [dock, command] = [null, null];

  function show({ surface, commandBar, rows: hints }) {
    live = surface.live;
    if (!dock) {
      dock = createHost("portal-invoices-dock");
      const onFold = (folded) => { chrome.storage.local.set({ [FOLDED]: folded }); };
      dock.surface = createSurface(dock.root, { send, isPage: false, onFold });
      chrome.storage.local.get(FOLDED).then(({ folded }) => { if (folded) dock?.surface.setFolded(true); });
    }
    dock.surface.show(surface);
    if (!dock.host.isConnected) {
      document.querySelectorAll("portal-invoices-dock").forEach((older) => older.remove());
      dock.placeIn(document.documentElement);
      followTheme();
    }
    if (asking) dock.surface.reveal("access");
    asking = false;
    showCommand(commandBar, surface.language);
    hinted = hints;
    pageObserver.observe(document.body, { childList: true, subtree: true, characterData: true });
    lookAtPage();
  }

  function hide() {
    live = false;
    pageObserver.disconnect();
    dock?.host.remove();
    hideCommand();
    marks.forEach((mark) => mark.host.remove());
    marks.clear();
    rows = new Map();
  }

  // --- The theme: its variables live on the body, the dock outside of it -----------------------------------------

  const COLORS = `TextPrimary TextSecondary TextDisabled Link ButtonBackgroundPrimary ButtonBackgroundPrimaryHover
    ButtonForegroundPrimary ButtonBackgroundSecondary ButtonForegroundSecondary ControlBackground
    ControlBackgroundHover ControlBorder ControlBorderSecondary ControlBorderFocus IconSuccess IconError
    ContainerBackgroundPrimary ContainerBackgroundSecondary ContainerBackgroundInfo
    ContainerBorderPrimary`.split(/\s+/);

  const mode = () => (document.querySelector("html.fxs-mode-dark, body.fxs-mode-dark") ? "dark" : "light");
  function followTheme() {
    if (!dock) return;
    const theme = getComputedStyle(document.body);
    for (const name of COLORS) dock.host.style.setProperty(`--color${name}`, theme.getPropertyValue(`--color${name}`));
    for (const { host } of [dock, ...(command ? [command] : []), ...marks.values()]) host.dataset.mode = mode();
  }

  const themeObserver = new MutationObserver(followTheme);
  const themed = { attributes: true, attributeFilter: ["class", "style"] };
  themeObserver.observe(document.documentElement, themed);
  themeObserver.observe(document.body, themed);

  // --- Beside the portal's command bar, where it stands in this document ------------------------------------------

  const COMMAND_BAR = "section ul.azc-toolbar-container.fxs-commandBar-itemList[role=toolbar]";
  /** A page that keeps removing the button does not want it there; the dock has it too. */
  const MOST_PLACEMENTS = 8;
  let placements = 0;

  function showCommand(nodes, lang) {
    if (!nodes) { hideCommand(); return; }
    if (!command) {
      command = createHost("portal-invoices-command");
      command.item = document.createElement("li");
      command.nodes = Object.assign(document.createElement("div"), { className: "command" });
      command.root.append(command.nodes);
      command.view = createView(command.root, { send, isPage: false });
      placements = 0;
    }
    command.nodes.lang = lang;
    command.view.patch(command.nodes, nodes);
    placeCommand();
  }

  function placeCommand() {
    if (!command || command.item.isConnected || placements >= MOST_PLACEMENTS) return;
    const front = [...document.querySelectorAll(COMMAND_BAR)].findLast((bar) => bar.checkVisibility());
    if (!front) return;
    placements += 1;
    command.placeIn(command.item);
    front.append(command.item);
  }

  const hideCommand = () => { command?.item.remove(); command = null; };

  // --- Beside rows of the page's lists, matched by the ids that stand in them ------------------------------------

  const SUBSCRIPTION = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
  const INVOICE = /^(?=.*\d)[A-Z][A-Z0-9-]{7,19}$/;
  const MOST_ROWS = 200;
  /** Rows in sight by the id that stands in them: each an element, and the cell of its id. */
  let rows = new Map();
  let hinted = [];
  const marks = new Map();
  /** The person has pressed a mark, and what it is about is on its way. */
  let asking = false;

  /** How far an element's inside can be seen: in the window, less what parts that scroll cut off. */
  function sightOf(element) {
    const sight = { top: 0, bottom: innerHeight };
    for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
      if (getComputedStyle(outer).overflowY === "visible") continue;
      const { top, bottom } = outer.getBoundingClientRect();
      sight.top = Math.max(sight.top, top);
      sight.bottom = Math.min(sight.bottom, bottom);
    }
    return sight;
  }

  function rowsInSight() {
    const found = new Map();
    for (const grid of document.querySelectorAll("[role=grid], table")) {
      const sight = sightOf(grid);
      for (const row of grid.querySelectorAll("[role=row], tr")) {
        const cells = [...row.querySelectorAll("[role=gridcell], td")];
        // A row may be no box of its own.
        const { top, bottom } = (cells[0] ?? row).getBoundingClientRect();
        if (bottom <= sight.top || top >= sight.bottom || bottom === top || found.size >= MOST_ROWS) continue;
        const text = (cell) => cell.textContent.trim();
        const link = (cell) => cell.querySelector("a[href]")?.getAttribute("href") ?? "";
        const invoice = cells.find((cell) => INVOICE.test(text(cell)));
        const holder = invoice ?? cells.find((cell) => SUBSCRIPTION.test(text(cell)) || SUBSCRIPTION.test(link(cell)));
        if (!holder) continue;
        const id = invoice ? text(holder) : SUBSCRIPTION.exec(`${text(holder)} ${link(holder)}`)[0].toLowerCase();
        if (!found.has(id)) found.set(id, { cells, holder });
      }
    }
    return found;
  }

  function lookAtPage() {
    placeCommand();
    const before = [...rows.keys()].join();
    rows = rowsInSight();
    const ids = [...rows.keys()];
    if (ids.join() !== before) send({ kind: "rows", ids });
    const wanted = new Set();
    for (const hint of hinted) {
      const row = rows.get(hint.id);
      if (!row) continue;
      wanted.add(hint.id);
      const mark = marks.get(hint.id) ?? createMark(hint.id);
      mark.show(hint);
      const cell = row.cells.find((each) => each.textContent.trim() === hint.beside) ?? row.holder;
      if (mark.placements >= MOST_PLACEMENTS || row.cells.some((each) => each.contains(mark.host))) continue;
      mark.placements += 1;
      mark.placeIn(cell, cell.firstChild);
    }
    for (const [id, mark] of marks) {
      if (wanted.has(id)) continue;
      mark.host.remove();
      if (!hinted.some((hint) => hint.id === id)) marks.delete(id);
    }
  }

  /** A sign that takes no room of its own; a press has the dock tell what is known. */
  function createMark(id) {
    const mark = createHost("portal-invoices-mark");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.addEventListener("click", (event) => {
      if (!event.isTrusted) return;
      event.stopPropagation();
      asking = true;
      dock?.surface.setFolded(false);
      send({ kind: "choose", field: "hint", value: id });
    });
    mark.root.append(button);
    Object.assign(mark.host.style, { float: "right", width: "0", height: "0" });
    mark.placements = 0;
    mark.show = ({ text, tone }) => Object.assign(button, { className: `sign ${tone}`, title: text, ariaLabel: text });
    marks.set(id, mark);
    return mark;
  }

  let looking = 0;
  const lookSoon = () => {
    looking ||= setTimeout(() => { looking = 0; if (dock?.host.isConnected) lookAtPage(); }, 100);
  };
  const pageObserver = new MutationObserver(lookSoon);
  addEventListener("scroll", lookSoon, { signal, capture: true, passive: true });
  addEventListener("resize", lookSoon, { signal, passive: true });

  // --- Where the page is --------------------------------------------------------------------------------------------

  let moving = 0;
  function moved() {
    clearTimeout(moving);
    moving = setTimeout(() => {
      if (!alive()) { stop(); return; }
      if (location.href === told) return;
      placements = 0;
      if (!port) { connect(); return; }
      told = location.href;
      send({ kind: "moved", location: told });
    }, 150);
  }
  addEventListener("hashchange", moved, { signal });
  addEventListener("popstate", moved, { signal });
  // pushState by the page raises only this one; the slow look serves browsers without it.
  globalThis.navigation?.addEventListener("currententrychange", moved, { signal });
  const slowLook = setInterval(() => {
    if (location.href !== told || !alive()) moved();
    // Rows that are sorted need theirs anew each time; a page that takes one away at once gets it once a second.
    marks.forEach((mark) => { if (mark.placements > 0) { mark.placements -= 1; lookSoon(); } });
  }, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) connect(); }, { signal });

  const woken = (message) => { if (message?.kind === "wake") connect(); };
  chrome.runtime.onMessage.addListener(woken);

  /** Leaves the page as it was: after an update of the extension this instance is an orphan. */
  function stop() {
    if (signal.aborted) return;
    life.abort();
    walker.stop();
    clearInterval(slowLook);
    clearTimeout(moving);
    themeObserver.disconnect();
    hide();
    if (alive()) {
      chrome.runtime.onMessage.removeListener(woken);
      port?.disconnect();
    }
    port = null;
  }

  globalThis.portalInvoicesDock = { stop };
  connect();
})();
