// The React view of the invoices: command bar and grid in a frame of another origin.
// It must not know who is signed in: the portal lends it a token and says what to show.

import { client, download, invoices } from "/content/azure.js";
import { invoicesBlade } from "/content/controls.js";
import { sharingCommands } from "/content/sharing.js";

const portal = new URLSearchParams(location.search).get("trustedAuthority");
const waiting = [];
let authorization = null;

const tokens = {
  current: (renew) =>
    authorization !== null && !renew
      ? authorization
      : new Promise((resolve) => {
          waiting.push(resolve);
          parent.postMessage({ kind: "getAuthToken", renew }, portal);
        }),
};
const arm = client(tokens, "Microsoft_Azure_GTM.Invoices.");
const view = { invoices: [], loaded: false, byItself: false, several: false };
let only = null;
let sharing = null;

function draw() {
  const leave = sharing.leaves ? () => parent.postMessage({ kind: "leave" }, portal) : null;
  const further = sharingCommands("react", { ...sharing, only, tokens, leave });
  const content = invoicesBlade("react", view, { refresh: load, download: (url) => download(arm, url), further, twice: sharing.page === "Twice" });
  document.getElementById("root").replaceChildren(...content);
}

async function load() {
  const all = await arm.list("/subscriptions?api-version=2022-12-01");
  view.invoices = await invoices(arm, only === null ? all : all.filter((each) => each.subscriptionId === only));
  view.loaded = true;
  draw();
}

addEventListener("message", (event) => {
  if (event.origin !== portal) return;
  if (event.data.kind === "authToken") {
    authorization = event.data.authorization;
    for (const resolve of waiting.splice(0)) resolve(authorization);
  }
  if (event.data.kind === "show") {
    ({ only, sharing } = event.data);
    Object.assign(view, { byItself: event.data.byItself, several: only === null });
    draw();
    if (view.byItself) load();
  }
});
parent.postMessage({ kind: "ready" }, portal);
