// What a case asks of a page: axe's findings, what axe leaves open, and what a keyboard or a narrow window meets.
// Must not know: what any surface is for.

(() => {
  "use strict";
  const OURS = ["portal-invoices-dock", "portal-invoices-command"];
  const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

  const hosts = () => OURS.flatMap((tag) => [...document.querySelectorAll(tag)]);
  /** What holds our elements: the shadow roots in the portal; a page of the extension is all ours. */
  const roots = () => (hosts().length ? hosts().map((host) => host.shadowRoot) : [document]);
  const all = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
  const parent = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const focused = () => document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
  const described = (element) => element.outerHTML.replace(element.innerHTML, element.textContent.slice(0, 60));

  // --- Colours --------------------------------------------------------------------------------------------------

  const colour = (text) => {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
    return { parts: [red, green, blue], alpha };
  };
  const over = (front, back) =>
    front.parts.map((part, at) => part * front.alpha + back[at] * (1 - front.alpha));
  const luminance = (parts) => {
    const [red, green, blue] = parts.map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  /** What can be seen behind an element, itself included. */
  const background = (element) => {
    if (!element) return [255, 255, 255];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own.alpha === 1 ? own.parts : over(own, background(parent(element)));
  };
  const contrast = (text, behind) => {
    const back = background(behind);
    return ratio(over(colour(text), back), back);
  };

  /** Contrasts by our own reckoning: texts, the signs of notices, and what marks a control. */
  function contrasts() {
    const poor = [];
    const demand = (least, found, what, element) => {
      if (found < least) poor.push(`contrast ${found.toFixed(2)} < ${least} of ${what}: ${described(element)}`);
    };
    const seen = all("*").filter((element) => element.checkVisibility() && !element.closest(".status, :disabled"));
    for (const element of seen) {
      const style = getComputedStyle(element);
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (hasText && element.localName !== "option") demand(4.5, contrast(style.color, element), "text", element);
      const sign = getComputedStyle(element, "::before");
      if (/[^\s"]/.test(sign.content) && !/^(none|normal)$/.test(sign.content)) {
        demand(4.5, contrast(sign.color, element), "sign", element);
      }
      if (element.matches("input, select")) {
        demand(4.5, contrast(style.color, element), "value", element);
        demand(3, contrast(style.borderTopColor, parent(element)), "border", element);
      }
      if (element.matches("button") && style.borderTopStyle !== "none") {
        const edge = contrast(style.borderTopColor, parent(element));
        const face = ratio(background(element), background(parent(element)));
        const isBare = colour(style.backgroundColor).alpha === 0 && colour(style.borderTopColor).alpha === 0;
        if (!isBare) demand(3, Math.max(edge, face), "button", element);
      }
    }
    return poor;
  }

  // --- Controls -------------------------------------------------------------------------------------------------

  const controls = () => all(":is(section, main) :is(button, a[href], input, select, summary, [tabindex='0'])")
    .filter((each) => each.checkVisibility() && !each.disabled);
  /** Two may be alike. */
  const numbered = (element) => `${controls().indexOf(element)} ${described(element)}`;

  // --- What is asked --------------------------------------------------------------------------------------------

  window.accessibility = {
    /** Moves the dock into the body: axe judges no colour outside of it. */
    async bring() {
      for (const host of hosts().filter((each) => !document.body.contains(each))) {
        const styled = new Promise((done) => host.shadowRoot.querySelector("link").addEventListener("load", done, { once: true }));
        document.body.append(host);
        await styled;
      }
    },

    /** Every finding in a line or a few; what axe cannot tell is one as well. */
    async findings() {
      await this.bring();
      const present = OURS.filter((tag) => document.querySelector(tag));
      const context = present.length ? { include: present.map((tag) => [tag]) } : document;
      const rules = { runOnly: { type: "tag", values: TAGS }, resultTypes: ["violations", "incomplete"] };
      const { violations, incomplete } = await axe.run(context, rules);
      const lines = (kind, results) => results.flatMap(({ id, impact, help, nodes }) => nodes.map(({ target, html, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
        return `${kind} ${id} (${impact}): ${help}\n    at ${target.flat().join(" ")}\n    ${html}\n    ${why}`;
      }));
      return [...lines("axe:", violations), ...lines("axe cannot tell:", incomplete), ...contrasts()];
    },

    /** Makes a text too faint and a button nameless, to see that either is found. */
    spoil() {
      all("p.text")[0].style.color = "#ccc";
      const [button] = all("button.fold, button");
      button.removeAttribute("title");
      button.removeAttribute("aria-label");
      button.textContent = "";
    },

    /** Opens every disclosure; whether there was one. */
    unfold() {
      const closed = all("details:not([open])");
      closed.forEach((each) => { each.open = true; });
      return closed.length > 0;
    },

    /** Dresses the portal in another theme, as its settings do. */
    async dress(theme) {
      const other = theme === "dark" ? "light" : "dark";
      const sheet = document.querySelector(`link[href="/content/${other}.css"]`);
      if (sheet) {
        const dressed = new Promise((done) => sheet.addEventListener("load", done, { once: true }));
        sheet.href = `/content/${theme}.css`;
        await dressed;
        for (const element of [document.documentElement, document.body]) {
          element.className = element.className.replaceAll(`mode-${other}`, `mode-${theme}`).replaceAll(`theme-${other}`, `theme-${theme}`);
        }
      }
      // What the system's colours are comes with a later frame than the news that they count.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    },

    /** Shows a surface that the core has described, in the place of the one that stands there. */
    async show(surface, commandBar) {
      const parts = { send() {}, isPage: !commandBar, onFold: commandBar && (() => {}) };
      if (!commandBar) {
        document.body.replaceChildren();
        document.documentElement.lang = surface.language;
        document.title = surface.title;
        portalInvoicesRenderer.createSurface(document.body, parts).show(surface);
        return;
      }
      const { shadowRoot } = document.querySelector(OURS[0]);
      shadowRoot.querySelector("section").remove();
      portalInvoicesRenderer.createSurface(shadowRoot, parts).show(surface);
    },

    /** Controls that a keyboard should reach, in the order in which they are read. */
    controls: () => controls().map(numbered),

    /** Goes to the first of them. */
    begin() {
      controls()[0].focus();
    },

    /** Where the keyboard is, and what is wrong with how that is shown. */
    focus() {
      const element = focused();
      if (!roots().includes(element.getRootNode()) || element === document.body) return null;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const wrong = [];
      const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      if (!isOutlined) wrong.push("no outline");
      const outlined = contrast(style.outlineColor, parent(element));
      if (isOutlined && outlined < 3) wrong.push(`outline of ${outlined.toFixed(2)}`);
      if (box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1) wrong.push("out of sight");
      return [numbered(element), wrong.join(", ")];
    },

    /** What is cut off, or makes the page scroll to the side. */
    cutOff() {
      const ours = all("body, section, main, section *, main *").filter((each) => each.checkVisibility() && !each.closest(".status"));
      const cut = ours.filter((each) => !each.closest(".table") && !each.matches("input, select")
        && getComputedStyle(each).display !== "inline" && each.scrollWidth > each.clientWidth + 1);
      const outside = ours.filter((each) => !each.closest(".table"))
        .filter((each) => { const { left, right } = each.getBoundingClientRect(); return left < -1 || right > innerWidth + 1; });
      return [...cut.map((each) => `cut off: ${described(each)}`), ...outside.map((each) => `outside: ${described(each)}`)];
    },

    /** How many animations are under way. */
    animations() {
      return new Set(roots().flatMap((root) => root.getAnimations())).size;
    },
  };
})();
