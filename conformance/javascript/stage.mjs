// A person of his own for a test, and in his mailbox a few items of one resource.

import { graph } from "./clients.mjs";
import { IMMUTABLE, RESOURCES } from "./resources.mjs";
import { person } from "./tenant.mjs";

export class Stage {
  /** A new person for a resource of `RESOURCES`. */
  static async of(name) {
    const client = graph();
    const { id: user } = await person();
    const resource = RESOURCES[name];
    return new Stage(client, user, { ...resource, ...(await resource.prepare?.(client, user)) });
  }

  constructor(client, user, resource) {
    this.client = client;
    this.user = user;
    this.resource = resource;
  }

  /** A request of the client below the user. */
  api(path) {
    return this.client.api(this.path(path)).headers(IMMUTABLE);
  }

  path(path) {
    return `/users/${this.user}/${path}`;
  }

  /** The path of an item by its id. */
  item(id) {
    return `${this.resource.one ?? this.resource.collection}/${id}`;
  }

  async make(n) {
    return this.api(this.resource.collection).post(this.resource.make(n));
  }

  /** Makes items 1 to `count`, one after the other, and answers them. */
  async fill(count) {
    const made = [];
    for (let n = 1; n <= count; n += 1) made.push(await this.make(n));
    return made;
  }
}
