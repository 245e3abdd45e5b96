// A page of the extension: connects and shows what it is told.
// Must not know what anything means, or which page it is.

let port = null;

function connect() {
  // A page is open only while the person looks at it; one in the back waits until it is looked at again.
  if (port || document.hidden) return;
  port = chrome.runtime.connect({ name: "page" });
  port.onMessage.addListener(({ kind, surface: shown }) => {
    if (kind === "close") chrome.tabs.getCurrent().then(({ id }) => chrome.tabs.remove(id));
    if (kind !== "show") return;
    document.title = shown.title;
    document.documentElement.lang = shown.language;
    surface.show(shown);
  });
  port.onDisconnect.addListener(() => {
    // Looked at, or the browser tells the page that nobody did.
    void globalThis.chrome?.runtime?.lastError;
    port = null;
    setTimeout(connect, 0);
  });
  // What stands behind the # tells whose reports are meant.
  port.postMessage({ kind: "hello", location: location.href, language: "" });
}

function send(message) {
  connect();
  port?.postMessage(message);
}

const surface = globalThis.portalInvoicesRenderer.createSurface(document.body, { send, isPage: true });
document.addEventListener("visibilitychange", connect);
connect();
