// The portal's side of Resource Manager: signed requests, a token that is renewed in time or after a 401.
// It must not know the page: whoever uses it says where tokens come from.

export const ARM = "https://management.azure.com";
const session = crypto.randomUUID();

/** `tokens.current(renew)` resolves to an Authorization header; `renew` asks for a fresh one. */
export function client(tokens, command) {
  const send = async (url, options, renew) =>
    fetch(url, {
      ...options,
      headers: {
        Authorization: await tokens.current(renew),
        "x-ms-client-request-id": crypto.randomUUID(),
        "x-ms-client-session-id": session,
        "x-ms-command-name": command,
        "x-ms-effective-locale": "en.en-us",
      },
    });
  const request = async (url, options = {}) => {
    const answer = await send(url, options, false);
    return answer.status === 401 ? send(url, options, true) : answer;
  };
  const list = async (path) => {
    const answer = await request(ARM + path);
    return answer.ok ? ((await answer.json()).value ?? []) : [];
  };
  return { request, list };
}

/** The last twelve months of invoices of the subscriptions, newest first, one page of each. */
export async function invoices(arm, subscriptions) {
  const day = (months) => {
    const date = new Date();
    date.setMonth(date.getMonth() - months);
    return date.toISOString().slice(0, 10);
  };
  const lists = await Promise.all(
    subscriptions.map(async (subscription) => {
      const path =
        `/providers/Microsoft.Billing/billingAccounts/default/billingSubscriptions/${subscription.subscriptionId}` +
        `/invoices?api-version=2024-04-01&periodStartDate=${day(14)}&periodEndDate=${day(0)}`;
      return (await arm.list(path)).map((invoice) => ({ subscription: subscription.displayName, ...invoice }));
    }),
  );
  const recent = lists.flat().filter((invoice) => !(invoice.properties.invoiceDate < day(12)));
  return recent.sort((a, b) => `${b.properties.invoiceDate}`.localeCompare(`${a.properties.invoiceDate}`));
}

/** Asks for a document, waits for its link, and lets the browser save it. */
export async function download(arm, url) {
  let answer = await arm.request(url, { method: "POST" });
  while (answer.status === 202) {
    const seconds = Number(answer.headers.get("Retry-After") ?? 10);
    await new Promise((wake) => setTimeout(wake, seconds * 1000));
    answer = await arm.request(answer.headers.get("Location"));
  }
  if (!answer.ok) return;
  const body = await answer.json();
  const link = document.createElement("a");
  link.href = typeof body === "string" ? body : body.url;
  link.click();
}
