// Holds JSON bodies against the types of Microsoft Graph: names, types and enumerations.

import { readFileSync } from "node:fs";
import { answerOf } from "./path.mjs";
import { typesOf } from "./types.mjs";

const EXCEPTIONS = JSON.parse(readFileSync(new URL("./exceptions.json", import.meta.url), "utf8"));

/** A point in time as Graph writes it in properties whose names end in `DateTime`: ISO 8601 with its offset. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)$/;

/** Validates the traffic of one session; it learns upload URLs on the way. */
export class Validator {
  #types;
  #uploads = new Set();
  /** Bodies that were held against a type. */
  checked = 0;

  constructor(types = typesOf()) {
    this.#types = types;
  }

  /**
   * What is wrong with one exchange `{ method, url, requestBody, status, contentType, body }`, bodies as text: a list
   * of sentences, empty when all is well. Traffic with Entra is none of Graph's types and passes.
   */
  exchange({ method, url, requestBody, status, contentType, body }) {
    const { pathname } = new URL(url);
    const parts = pathname.split("/").filter(Boolean).map(decodeURIComponent);
    const where = `${method} ${pathname} (${status})`;
    if (this.#uploads.has(url)) return this.#upload(where, method, status, body);
    if (parts[0] !== "v1.0") return isEntra(pathname) ? [] : [`${where}: neither Graph nor Entra`];
    return this.#answer(where, method, parts.slice(1), { requestBody, status, contentType, body });
  }

  /** What is wrong with a body that the service sent by itself, such as a change notification. */
  sent(entity, body) {
    return this.#json(`${entity} that was sent`, body, (value, at) => this.#entity({ kind: "entity", name: entity }, value, at));
  }

  #answer(where, method, parts, { requestBody, status, contentType, body }) {
    if (status >= 400) return this.#json(where, body, (value, at) => this.#error(value, at));
    const expected = answerOf(this.#types, method, parts);
    if (!expected) return [`${where}: no path of Graph, and yet no error`];
    switch (expected.kind) {
      case "nothing": return body ? [`${where}: a body where none belongs`] : [];
      case "bytes": return contentType?.startsWith("application/json") ? [`${where}: JSON in place of bytes`] : [];
      case "count": return /^\uFEFF?\d+$/.test(body) ? [] : [`${where}: no number`];
      case "batch": return this.#json(where, body, (value, at) => this.#batch(value, at, requestBody));
      case "many": return this.#json(where, body, (value, at) => this.#many(expected.shape, value, at));
      default: return this.#json(where, body, (value, at) => this.#one(expected.shape, value, at));
    }
  }

  #json(where, body, check) {
    this.checked += 1;
    let value;
    try {
      value = JSON.parse(body);
    } catch (error) {
      return [`${where}: no JSON: ${error.message}`];
    }
    const wrong = [];
    this.report = (at, what) => wrong.push(`${where}: ${at || "body"} ${what}`);
    check(value, "");
    return wrong;
  }

  #error(value, at) {
    if (!isObject(value) || Object.keys(value).join() !== "error") return this.report(at, "is no {\"error\":…}");
    const { code, message } = value.error ?? {};
    if (!code || typeof code !== "string" || typeof message !== "string") this.report("error", "lacks code or message");
    this.#entity({ kind: "entity", name: "PublicError" }, value.error, "error");
  }

  #batch(value, at, requestBody) {
    const requests = new Map(JSON.parse(requestBody).requests.map((request) => [request.id, request]));
    for (const [index, response] of (value.responses ?? []).entries()) {
      const here = `responses[${index}]`;
      const request = requests.get(response.id);
      const unknown = Object.keys(response).filter((name) => !["id", "status", "headers", "body"].includes(name));
      if (unknown.length) this.report(here, `has unknown members ${unknown}`);
      if (!request) return this.report(here, `answers ${response.id}, which nobody asked`);
      if (!Number.isInteger(response.status)) return this.report(here, "lacks its status");
      if (response.body === undefined) continue;
      const path = new URL(request.url.replace(/^\/?(v1\.0\/)?/, "/"), "https://graph").pathname;
      const expected = answerOf(this.#types, request.method, path.split("/").filter(Boolean).map(decodeURIComponent));
      if (response.status >= 400) this.#error(response.body, `${here}.body`);
      else if (expected?.kind === "many") this.#many(expected.shape, response.body, `${here}.body`);
      else if (expected?.kind === "one") this.#one(expected.shape, response.body, `${here}.body`);
      else if (expected?.kind !== "bytes") this.report(`${here}.body`, "is a body where none belongs");
    }
  }

  #upload(where, method, status, body) {
    if (status >= 400) return this.#json(where, body, (value, at) => this.#error(value, at));
    if (!body) return [];
    const shape = { kind: "entity", name: status === 201 ? "FileAttachment" : "UploadSession" };
    return this.#json(where, body, (value, at) => this.#entity(shape, value, at));
  }

  #many(shape, value, at) {
    if (!isObject(value) || !Array.isArray(value.value)) return this.report(at, "is no collection with a value");
    for (const [name, member] of Object.entries(value)) {
      if (name !== "value") this.#annotation(undefined, name, member, `${at}.${name}`);
    }
    value.value.forEach((member, index) => this.#shape(shape, member, `${at}.value[${index}]`));
  }

  #one(shape, value, at) {
    if (shape.kind === "entity") return this.#entity(shape, value, at);
    // A property by itself comes wrapped: {"@odata.context": …, "value": …}.
    if (!isObject(value) || !("value" in value)) return this.report(at, "is no wrapped value");
    this.#shape(shape, value.value, `${at}.value`);
  }

  #shape(shape, value, at) {
    switch (shape.kind) {
      case "any": return;
      case "nullable": return value === null ? undefined : this.#shape(shape.of, value, at);
      case "enum":
        if (!shape.values.has(value)) this.report(at, `is ${JSON.stringify(value)}, none of ${[...shape.values].join(", ")}`);
        return;
      case "array":
        if (!Array.isArray(value)) return this.report(at, `is ${typeOf(value)}, no array`);
        return value.forEach((member, index) => this.#shape(shape.of, member, `${at}[${index}]`));
      case "entity": return this.#entity(shape, value, at);
      default:
        if (typeof value !== shape.kind) this.report(at, `is ${typeOf(value)}, no ${shape.kind}`);
    }
  }

  #entity(shape, value, at) {
    if (!isObject(value)) return this.report(at, `is ${typeOf(value)}, no ${shape.name}`);
    const name = this.#derived(shape.name, value["@odata.type"], at);
    if (name === "UploadSession" && value.uploadUrl) this.#uploads.add(value.uploadUrl);
    for (const [property, member] of Object.entries(value)) {
      const here = at ? `${at}.${property}` : property;
      const declared = this.#types.property(name, property);
      if (property.includes("@")) this.#annotation(name, property, member, here);
      else if (declared) this.#property(declared, property, member, here);
      else if (!this.#excepted(name, property, member)) this.report(here, `is no property of ${name}`);
    }
  }

  #property(shape, property, value, at) {
    this.#shape(shape, value, at);
    const instant = /[a-z]DateTime$/.test(property) && typeof value === "string";
    if (instant && !INSTANT.test(value)) this.report(at, `is ${value}, no instant with an offset`);
  }

  #derived(declared, odataType, at) {
    if (odataType === undefined) return declared;
    const name = this.#types.named(String(odataType));
    // A notification's resource data is declared empty and holds properties of the resource that it names.
    if (name && (declared === "ResourceData" || this.#types.isA(name, declared))) return name;
    this.report(at, `calls itself ${odataType}, which is no ${declared}`);
    return declared;
  }

  #annotation(entity, name, value, at) {
    const [property, term] = name.split("@", 2);
    if (property && entity && !this.#types.property(entity, property)) return this.report(at, `annotates no property of ${entity}`);
    const known = EXCEPTIONS.annotations[`@${term}`];
    if (!known) return this.report(at, "is an unknown annotation");
    if (typeOf(value) !== known.type) this.report(at, `is ${typeOf(value)}, no ${known.type}`);
  }

  #excepted(entity, property, value) {
    return EXCEPTIONS.properties.some((exception) =>
      this.#types.isA(entity, exception.entity) &&
      (exception.property === "*" || exception.property === property) &&
      (exception.type === "any" || exception.type === typeOf(value)));
  }
}

/** Token endpoint, discovery and keys. */
function isEntra(pathname) {
  return /\/(oauth2|discovery|\.well-known)\//.test(pathname);
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
