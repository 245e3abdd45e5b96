// The renderer: draws any surface from its data and reports what the person does on it.
// Must not know what a surface is for; it decides nothing, and what it is told is only ever text.

globalThis.portalInvoicesRenderer ??= (() => {
  "use strict";

  /** An element with properties. */
  const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

  /** Sets a property where it differs, so that nothing is touched that stays the same. */
  const set = (element, name, value) => { if (element[name] !== value) element[name] = value; };

  const dress = (element, className, textContent) => {
    for (const [name, value] of Object.entries({ className, textContent })) set(element, name, value);
  };

  const attribute = (element, name, value) => {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  };

  /**
   * Draws into `root`. `send` takes what the person does; `isPage` says that this is a page of the extension,
   * which may ask the browser for what its buttons name.
   */
  function createView(root, { send, isPage }) {
    /** A label above its control. */
    const labelled = (control) => {
      const element = make("label", { className: "labelled" });
      element.append(make("span"), control);
      return element;
    };

    /** A control that the person is using keeps what they have typed. */
    const setValue = (control, value) => {
      if (root.activeElement !== control && document.activeElement !== control) set(control, "value", value);
    };

    const tell = (kind, type, control, element) => control.addEventListener(type, (event) => {
      if (event.isTrusted) send({ kind, field: element.node.field, value: control.value });
    });

    /** How each component is made once and updated ever after. */
    const components = {
      text: {
        make: () => make("p"),
        update: (element, { text, tone }) => dress(element, `text ${tone}`, text),
      },
      link: {
        make: () => make("a", { className: "link", target: "_blank", rel: "noopener noreferrer" }),
        update: (element, { text, href }) => {
          set(element, "textContent", text);
          const isMail = href.startsWith("mailto:");
          attribute(element, "href", isMail || href.startsWith("https://") ? href : null);
          // A mail program needs no tab of its own.
          attribute(element, "target", isMail ? null : "_blank");
        },
      },
      button: {
        make: () => {
          const element = make("button", { type: "button" });
          element.addEventListener("click", (event) => {
            if (!event.isTrusted) return;
            const { action, grant } = element.node;
            const granted = grant && isPage ? chrome.permissions.request(grant) : Promise.resolve();
            granted.finally(() => send({ kind: "press", action }));
          });
          return element;
        },
        update: (element, { text, emphasis, disabled }) => {
          dress(element, `button ${emphasis}`, text);
          set(element, "disabled", disabled);
        },
      },
      copy: {
        make: () => {
          const element = make("button", { type: "button", className: "button plain" });
          element.addEventListener("click", (event) => {
            if (!event.isTrusted) return;
            navigator.clipboard.writeText(element.node.content).then(() => {
              set(element, "textContent", element.node.done);
            }, () => {});
          });
          element.addEventListener("blur", () => set(element, "textContent", element.node.text));
          return element;
        },
        update: (element, { text, done }) => {
          if (element.textContent !== done) set(element, "textContent", text);
        },
      },
      field: {
        make: ({ key, input }) => {
          const control = make("input", { className: "control", autocomplete: "off", spellcheck: false });
          const element = make("div", { className: "field" });
          const problem = make("p", { className: "problem", id: `${key}-problem` });
          element.append(labelled(control), problem);
          if (input === "text") tell("type", "input", control, element);
          tell("choose", "change", control, element);
          return element;
        },
        update: (element, { label, value, input, min, max, problem }) => {
          const [name, control] = element.firstChild.children;
          const words = element.lastChild;
          set(name, "textContent", label);
          set(control, "type", input);
          attribute(control, "min", min);
          attribute(control, "max", max);
          attribute(control, "aria-invalid", problem ? true : null);
          attribute(control, "aria-describedby", problem ? words.id : null);
          set(words, "textContent", problem ?? "");
          setValue(control, value);
        },
      },
      choice: {
        make: () => {
          const select = make("select", { className: "control" });
          const element = labelled(select);
          tell("choose", "change", select, element);
          return element;
        },
        update: (element, { label, value, options }) => {
          const [name, select] = element.children;
          set(name, "textContent", label);
          options.forEach((option, index) => {
            const drawn = select.options[index] ?? select.appendChild(make("option"));
            set(drawn, "value", option.value);
            set(drawn, "textContent", option.text);
          });
          select.options.length = options.length;
          set(select, "value", value);
        },
      },
      check: {
        make: () => {
          const element = make("label", { className: "check" });
          element.append(make("input", { type: "checkbox" }), make("span"));
          tell("choose", "change", element.firstChild, element);
          return element;
        },
        update: (element, { label, value, checked, disabled }) => {
          const [control, name] = element.children;
          for (const [key, state] of Object.entries({ value, checked, disabled })) set(control, key, state);
          set(name, "textContent", label);
        },
      },
      progress: {
        make: () => {
          const element = make("div", { className: "progress" });
          element.append(make("progress"), make("p", { className: "text quiet" }));
          return element;
        },
        update: (element, { label, value, max, text }) => {
          const [bar, words] = element.children;
          attribute(bar, "aria-label", label);
          attribute(bar, "aria-valuetext", text);
          attribute(bar, "max", max);
          attribute(bar, "value", max === null ? null : value);
          set(words, "textContent", text);
        },
      },
      notice: {
        make: () => {
          const element = make("div");
          const body = make("div", { className: "body" });
          body.append(make("strong"), make("p"), make("div", { className: "nodes row" }));
          element.append(make("span", { className: "sign", ariaHidden: "true" }), body);
          return element;
        },
        update: (element, { tone, title, text, nodes }) => {
          set(element, "className", `notice ${tone}`);
          const [heading, words, inner] = element.lastChild.children;
          set(heading, "textContent", title);
          set(words, "textContent", text);
          patch(inner, nodes);
        },
      },
      list: {
        make: () => make("ul", { className: "list" }),
        update: (element, { items }) => {
          const known = new Map([...element.children].map((line) => [line.key, line]));
          const lines = items.map(({ key, text, tone }) => {
            const line = known.get(key) ?? Object.assign(make("li"), { key });
            dress(line, `text ${tone}`, text);
            return line;
          });
          arrange(element, lines);
        },
      },
      table: {
        make: () => {
          // It scrolls by itself, also by the keyboard, where it is wider than the page.
          const element = make("div", { className: "table", tabIndex: 0, role: "region" });
          const table = make("table");
          table.append(make("caption"), make("thead"), make("tbody"));
          element.append(table);
          return element;
        },
        update: (element, { caption, columns, rows }) => {
          const [title, head, body] = element.firstChild.children;
          attribute(element, "aria-label", caption);
          set(title, "textContent", caption);
          if (!head.firstChild) head.append(make("tr"));
          const headings = columns.map(({ text, numeric }, at) => {
            const heading = head.firstChild.children[at] ?? make("th", { scope: "col" });
            dress(heading, numeric ? "numeric" : "", text);
            return heading;
          });
          arrange(head.firstChild, headings);
          const known = new Map([...body.children].map((row) => [row.key, row]));
          arrange(body, rows.map(({ key, cells }) => {
            const row = known.get(key) ?? Object.assign(make("tr"), { key });
            arrange(row, cells.map(({ text, hint, tone, span }, at) => {
              const cell = row.children[at] ?? make(at === 0 ? "th" : "td", at === 0 ? { scope: "row" } : {});
              dress(cell, `${tone}${columns[at]?.numeric ? " numeric" : ""}`, text);
              set(cell, "colSpan", span);
              attribute(cell, "title", hint);
              attribute(cell, "aria-label", hint);
              return cell;
            }));
            return row;
          }));
        },
      },
      section: {
        make: ({ folded }) => {
          const [tag, heading] = folded === null ? ["div", isPage ? "h2" : "h3"] : ["details", "summary"];
          const element = Object.assign(make(tag), { inner: make("div"), heading: make(heading) });
          if (folded !== null) element.open = !folded;
          element.append(element.heading, element.inner);
          return element;
        },
        update: (element, { title, layout, nodes }) => {
          set(element, "className", "section");
          set(element.inner, "className", `nodes ${layout}`);
          set(element.heading, "textContent", title ?? "");
          set(element.heading, "hidden", !title);
          patch(element.inner, nodes);
        },
      },
    };

    /** Puts elements in order, moving only those that stand elsewhere: a moved element loses the focus. */
    function arrange(parent, wanted) {
      for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
      wanted.forEach((element, index) => {
        const there = parent.children[index] ?? null;
        if (there !== element) parent.insertBefore(element, there);
      });
    }

    /** Makes the children of an element those of the nodes, reusing what has the same key and type. */
    function patch(parent, nodes) {
      const known = new Map([...parent.children].map((child) => [`${child.node.type} ${child.node.key}`, child]));
      const wanted = nodes.map((node) => {
        const component = components[node.type];
        const element = known.get(`${node.type} ${node.key}`) ?? component.make(node);
        element.node = node;
        component.update(element, node);
        return element;
      });
      arrange(parent, wanted);
    }

    return { patch };
  }

  /** A whole surface: heading, content, and the one polite line. */
  function createSurface(root, { send, isPage, onFold }) {
    const view = createView(root, { send, isPage });
    // In the portal's page it is one part among others, a page of the extension it fills.
    const region = make(isPage ? "main" : "section", { className: "surface" });
    const heading = make(isPage ? "h1" : "h2", { className: "title" });
    const fold = make("button", { type: "button", className: "fold" });
    const content = make("div", { className: "nodes stack content", id: "content", tabIndex: -1 });
    const status = make("p", { className: "status", role: "status" });
    const header = make("header");
    header.append(make("span", { className: "mark", ariaHidden: "true" }), heading);
    if (onFold) header.append(fold);
    attribute(fold, "aria-controls", content.id);
    attribute(status, "aria-live", "polite");
    region.append(header, content, status);
    root.append(region);

    let folded = false;
    let names = ["", ""];
    const showFold = () => {
      content.hidden = folded;
      attribute(fold, "aria-expanded", !folded);
      attribute(fold, "aria-label", names[folded ? 1 : 0]);
      attribute(fold, "title", names[folded ? 1 : 0]);
      attribute(region, "data-folded", folded ? "" : null);
    };
    fold.addEventListener("click", (event) => {
      if (!event.isTrusted) return;
      folded = !folded;
      showFold();
      onFold(folded);
    });

    return {
      show(surface) {
        attribute(region, "lang", surface.language);
        attribute(region, "aria-label", surface.title);
        set(heading, "textContent", surface.title);
        names = [surface.fold, surface.unfold];
        showFold();
        const focused = () => root.getRootNode().activeElement;
        const held = content.contains(focused());
        view.patch(content, surface.nodes);
        // What goes takes the focus along; kept here, the keyboard does not begin anew at the top of the page.
        if (held && (!content.contains(focused()) || focused().disabled)) content.focus({ preventScroll: true });
        set(status, "textContent", surface.status);
      },
      setFolded(value) {
        folded = value;
        showFold();
      },
      /** Brings a part of the content into view, and the keyboard to it. */
      reveal(key) {
        const part = [...content.children].find((child) => child.node.key === key);
        if (!part) return;
        part.tabIndex = -1;
        part.focus({ preventScroll: true });
        part.scrollIntoView({ block: "start" });
      },
    };
  }

  return { createSurface, createView };
})();
