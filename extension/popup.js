// The popup's place: connects and shows what it is told.
// Must not know what anything means.

let port = null;

function connect() {
  if (port) return;
  port = chrome.runtime.connect({ name: "popup" });
  port.onMessage.addListener(({ kind, surface: shown }) => { if (kind === "show") surface.show(shown); });
  port.onDisconnect.addListener(() => {
    port = null;
    // The popup is open only while the person looks at it.
    setTimeout(connect, 0);
  });
  port.postMessage({ kind: "hello", location: "", language: "" });
}

function send(message) {
  connect();
  port.postMessage(message);
}

const surface = globalThis.portalInvoicesRenderer.createSurface(document.body, { send, isPage: true });
connect();
