// The shim: registers every listener at the top level, wakes the core, and forwards events to it.
// Must not know what any event means; it keeps the newest portal header per tab because the core sleeps most of the time.

import init, * as core from "./core.js";

const PORTAL = /^https:\/\/(?:[a-z]+\.)?portal\.azure\.com$|^https:\/\/[a-z0-9-]+\.[a-z0-9-]+\.portal\.azure\.net$/;
const ARM = ["https://management.azure.com/*"];
const headerKey = (tab) => `header/${tab}`;

let starting;
let awake = false;

/** Starts the core if it sleeps, then calls. Calls keep the order in which they were made. */
function wake(call) {
  starting ??= init({ module_or_path: chrome.runtime.getURL("core_bg.wasm") })
    .then(() => core.start())
    .then(() => { awake = true; });
  return starting.then(() => call?.(core));
}

// Faces: the dock in a portal page, the popup, the page of options. The core forgets a header with its page.
let faces = 0;
chrome.runtime.onConnect.addListener((port) => {
  const face = ++faces;
  port.onMessage.addListener((message) => { wake((core) => core.faceSaid(face, message)); });
  port.onDisconnect.addListener(() => { newest.delete(port.sender.tab?.id); wake((core) => core.faceClosed(face)); });
  wake((core) => core.faceOpened(face, port));
});

// The portal's own requests to Resource Manager. They come all day, so they do not wake the core.
const newest = new Map();
chrome.webRequest.onSendHeaders.addListener(({ tabId, method, initiator, originUrl, requestHeaders }) => {
  const origin = initiator ?? (originUrl && new URL(originUrl).origin) ?? "";
  if (tabId < 0 || method === "OPTIONS" || !PORTAL.test(origin)) return;
  const header = requestHeaders?.find(({ name }) => name.toLowerCase() === "authorization")?.value;
  if (!header) return;
  // In memory only; the browser clears it, and no page can read it.
  const isNews = newest.get(tabId) !== header;
  newest.set(tabId, header);
  if (isNews) chrome.storage.session.set({ [headerKey(tabId)]: { initiator: origin, header } });
  // A core that is awake is told each time: it may have dropped what it was told before.
  if (awake) core.headerSeen(tabId, origin, header);
  else if (!isNews) return;
  else if (starting) wake((core) => core.headerSeen(tabId, origin, header));
  else chrome.tabs.sendMessage(tabId, { kind: "wake" }).catch(() => {});
}, { urls: ARM, types: ["xmlhttprequest", "other"] }, ["requestHeaders"]);

chrome.tabs.onRemoved.addListener((tabId) => {
  newest.delete(tabId);
  chrome.storage.session.remove(headerKey(tabId));
  if (starting) wake((core) => core.tabGone(tabId));
});

// A run: news of its files, and the alarm that takes it up again after the background was ended.
chrome.downloads.onChanged.addListener((delta) => { if (starting) wake((core) => core.downloadChanged(delta)); });
chrome.alarms.onAlarm.addListener(() => { wake(); });

// Hosts and notifications, which a person can grant and take back at any time; without leave to notify there is no such
// part of the interface.
const notificationPressed = (key) => {
  chrome.notifications.clear(key);
  wake((core) => core.notificationPressed(key));
};
const grantsChanged = () => {
  chrome.notifications?.onClicked.addListener(notificationPressed);
  if (starting) wake((core) => core.grantsChanged());
};
chrome.notifications?.onClicked.addListener(notificationPressed);
chrome.permissions.onAdded.addListener(grantsChanged);
chrome.permissions.onRemoved.addListener(grantsChanged);

// Portal tabs that were open before the extension was.
chrome.runtime.onInstalled.addListener(async () => {
  const [{ matches, js: files }] = chrome.runtime.getManifest().content_scripts;
  for (const { id: tabId } of await chrome.tabs.query({ url: matches })) {
    chrome.scripting.executeScript({ target: { tabId }, files }).catch(() => {});
  }
});

// An update waits for the end of a run; the browser puts it in place by itself at its next start.
chrome.runtime.onUpdateAvailable.addListener(() => { wake((core) => core.updateReady()); });

// A browser that was closed during a run takes it up when it starts again.
chrome.runtime.onStartup.addListener(() => { wake(); });
