// The private interface behind the sharing forms: which subscriptions there are, what is stored for one, and to store it.
// It must not know how a form looks.

const hex = (digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** One for each form that is opened; `path` and `seal` are the portal's for this start of it. */
export function register(tokens, { path, seal }) {
  const form = crypto.randomUUID();
  const sealed = crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${seal} ${form}`)).then((digest) => `${form}.${hex(digest)}`);
  const ask = async (address, options, renew) =>
    fetch(address, { ...options, headers: { ...options.headers, Authorization: await tokens.current(renew), "x-ms-form": await sealed } });
  const read = async (query) => {
    const first = await ask(path + query, {}, false);
    const answer = first.status === 401 ? await ask(path + query, {}, true) : first;
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  };
  return {
    /** `[{subscription, name}]` */
    subscriptions: async () => (await read("")).value,
    isAllowed: async (subscription) => (await read(`?subscription=${encodeURIComponent(subscription)}`)).allow,
    /** `{ok, ended, reason}`, and an error where nothing was answered. It arrives even if the page goes away. */
    save: async (subscription, allow) => {
      const answer = await ask(path, { method: "POST", keepalive: true, headers: { "content-type": "application/json" }, body: JSON.stringify({ subscription, allow }) }, false);
      const body = await answer.json().catch(() => ({}));
      return { ok: answer.ok, ended: answer.status === 401, reason: body.error?.message ?? "" };
    },
  };
}
