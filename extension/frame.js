// A frame of the portal's blades: serves a walk in its document for as long as it is asked.
// Must not know what anything means.

(() => {
  "use strict";
  // What goes into a tab's frames goes into its top document, too; and into some of them twice.
  if (!location.hostname.endsWith(".reactblade.portal.azure.net") || globalThis.portalInvoicesFrame) return;
  globalThis.portalInvoicesFrame = true;
  const walker = globalThis.portalInvoicesWalker;
  let port = null;

  function connect() {
    if (port) return;
    port = chrome.runtime.connect({ name: "frame" });
    const gone = () => { void chrome.runtime?.lastError; walker.stop(); port = null; };
    port.onDisconnect.addListener(gone);
    port.onMessage.addListener((message) => {
      walker.hear(message, (scene) => port?.postMessage(scene));
      if (message.kind === "stop-reading") { port.disconnect(); gone(); }
    });
    port.postMessage({ kind: "hello", location: "", language: document.documentElement.lang });
  }
  chrome.runtime.onMessage.addListener((message) => { if (message?.kind === "wake-frame") connect(); });
  if (!document.hidden) connect();
})();
