// A receiver of change notifications, as an application would run one.

import { createServer } from "node:http";
import { received } from "./recorder.mjs";

/** How long a notification may take before a test gives it up, in milliseconds. */
const PATIENCE = 20_000;

export class Receiver {
  /** Listens on a free port of loopback until `close`. `greet` answers a handshake; by default as Graph wants it. */
  static async open(greet = (token) => [200, token]) {
    const receiver = new Receiver(greet);
    await new Promise((listening) => receiver.server.listen(0, "127.0.0.1", listening));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/notify`;
    return receiver;
  }

  constructor(greet) {
    this.greet = greet;
    /** Everything that came, in the order in which it came. */
    this.notifications = [];
    this.waiting = new Set();
    this.server = createServer((request, response) => this.#take(request, response));
  }

  #take(request, response) {
    const token = new URL(request.url, this.url).searchParams.get("validationToken");
    if (token !== null) {
      const [status, text] = this.greet(token);
      response.writeHead(status, { "Content-Type": "text/plain" }).end(text);
      return;
    }
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(202).end();
      const body = Buffer.concat(chunks).toString();
      received("ChangeNotificationCollection", body);
      this.notifications.push(...JSON.parse(body).value);
      for (const look of this.waiting) look();
    });
  }

  /** The first notification that fulfils a condition, sooner or later. */
  async one(condition) {
    const found = () => this.notifications.find(condition);
    if (found()) return found();
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!found()) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(found());
      };
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`no such notification among ${JSON.stringify(this.notifications)}`));
      }, PATIENCE);
      this.waiting.add(look);
    });
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
