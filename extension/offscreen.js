// Makes blob addresses of private files for a background that cannot.
// Must not know what the files are.

const answers = {
  /** The slice carries the media type: without one, Chromium would save the file as .txt. */
  async "blob-url"({ file: name, mediaType }) {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle(name)).getFile();
    return { url: URL.createObjectURL(file.slice(0, file.size, mediaType)) };
  },
  async revoke({ url }) {
    URL.revokeObjectURL(url);
    return {};
  },
};

chrome.runtime.onMessage.addListener((message, sender, respond) => {
  if (sender.id !== chrome.runtime.id || sender.tab || message?.target !== "offscreen") return false;
  answers[message.kind]?.(message).then(respond, (error) => respond({ error: String(error) }));
  return true;
});
