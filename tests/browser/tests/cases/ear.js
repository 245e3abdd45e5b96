// In place of the background, or beside it: says to each face what the case says, and tells the case what it hears.
// Must not know what any of it means.

const faces = new Map();
const heard = new Map();

chrome.runtime.onConnect.addListener((port) => {
  const note = (message) => heard.set(port.name, [...(heard.get(port.name) ?? []), message]);
  faces.set(port.name, port);
  // Whoever is not let in is not heard, but has come.
  note({ kind: "comes" });
  port.onMessage.addListener(note);
  port.onDisconnect.addListener(() => faces.delete(port.name));
});

chrome.runtime.onMessage.addListener(({ ear: face, message, faces: areAsked }, _sender, answer) => {
  if (areAsked) return void answer([...faces.keys()]);
  if (message) faces.get(face)?.postMessage(message);
  answer(heard.get(face) ?? []);
  heard.delete(face);
});
