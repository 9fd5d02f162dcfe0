// Which type a Graph request is answered with.
//
// A path of Graph is a walk through its types: `/users/{id}/mailFolders/inbox/messages` goes from User over its
// property `mailFolders` (MailFolder[]) and one of these over `messages` to Message[]. Only functions and actions are no
// properties; they are listed here.

/** The entity sets at the root of v1.0 that the simulated tenant has. */
const ROOT = { users: "User", subscriptions: "Subscription" };

/** Actions by name, with what they answer: nothing, the entity they are called on, or another one. */
const ACTIONS = {
  accept: "nothing", tentativelyAccept: "nothing", decline: "nothing", cancel: "nothing", forward: "nothing",
  snoozeReminder: "nothing", dismissReminder: "nothing", send: "nothing", sendMail: "nothing", reauthorize: "nothing",
  reply: "nothing", replyAll: "nothing",
  move: "itself", copy: "itself", createReply: "itself", createReplyAll: "itself", createForward: "itself",
  createUploadSession: "UploadSession",
  translateExchangeIds: "ConvertIdResult[]",
};

/**
 * What the answer to a request with 2xx holds, `parts` being the path behind the version:
 * `{ kind: "one" | "many", shape }`, `{ kind: "nothing" | "bytes" | "count" | "batch" }`, or undefined for a path
 * that Graph does not know.
 */
export function answerOf(types, method, parts) {
  if (parts.length === 1 && parts[0] === "$batch") return { kind: "batch" };
  const end = walk(types, parts);
  if (!end || end.kind !== "many") return method === "DELETE" && end ? { kind: "nothing" } : end;
  // A POST to a collection makes one of its members; actions that answer a collection say so.
  return method === "POST" && !end.answered ? { kind: "one", shape: end.shape } : end;
}

function walk(types, [root, ...rest]) {
  if (!ROOT[root]) return undefined;
  let at = { kind: "many", shape: { kind: "entity", name: ROOT[root] } };
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1;
    if (last && part === "$value") return { kind: "bytes" };
    if (last && part === "$count") return { kind: "count" };
    at = step(types, at, part.replace(/^microsoft\.graph\./, "").replace(/\(.*\)$/, ""));
    if (!at || (at.kind === "nothing" && !last)) return undefined;
  }
  return at;
}

function step(types, at, part) {
  const answered = ACTIONS[part];
  if (answered === "nothing") return { kind: "nothing" };
  if (answered === "itself") return { kind: "one", shape: at.shape };
  if (answered?.endsWith("[]")) {
    return { kind: "many", answered: true, shape: { kind: "entity", name: answered.slice(0, -2) } };
  }
  if (answered) return { kind: "one", shape: { kind: "entity", name: answered } };
  if (at.kind === "many") return part === "delta" ? at : { kind: "one", shape: at.shape };
  if (at.shape.kind !== "entity") return undefined;
  const found = types.property(at.shape.name, part);
  if (!found) return undefined;
  const bare = found.kind === "nullable" ? found.of : found;
  if (bare.kind === "array") return { kind: "many", shape: bare.of };
  return { kind: "one", shape: bare };
}
