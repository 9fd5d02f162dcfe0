// The types of Microsoft Graph v1.0 as a table, read out of the declarations of @microsoft/microsoft-graph-types.
//
// A declaration file holds interfaces (`interface Message extends OutlookItem`), enumerations (unions of literals) and
// aliases. The table keeps of them what a JSON body can be held against: per entity its base and its properties, each
// with one of the shapes below.
//
//   { kind: "string" | "number" | "boolean" | "any" }
//   { kind: "enum", values: Set }         a union of string literals
//   { kind: "array", of: shape }
//   { kind: "nullable", of: shape }       NullableOption<T>
//   { kind: "entity", name }              another interface

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";

const require = createRequire(import.meta.url);

/** Reads the table out of the pinned package, or out of the declarations given as text. */
export function typesOf(declarations = pinned()) {
  const source = ts.createSourceFile("graph.d.ts", declarations, ts.ScriptTarget.Latest, true);
  const entities = new Map();
  const aliases = new Map();
  // Namespaces (call records, search and so on) repeat names of the main one, and nothing of a mailbox is in them.
  for (const node of source.statements) {
    if (ts.isInterfaceDeclaration(node)) entities.set(node.name.text, entity(node));
    if (ts.isTypeAliasDeclaration(node) && !node.typeParameters) aliases.set(node.name.text, shape(node.type));
  }
  return new Types(entities, aliases);
}

function pinned() {
  return readFileSync(require.resolve("@microsoft/microsoft-graph-types/microsoft-graph.d.ts"), "utf8");
}

function entity(node) {
  const base = node.heritageClauses?.[0]?.types[0]?.expression.getText();
  const properties = new Map();
  for (const member of node.members) {
    if (!ts.isPropertySignature(member)) throw new Error(`not a property: ${member.getText()}`);
    properties.set(member.name.text, shape(member.type));
  }
  return { base, properties };
}

function shape(type) {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword: return { kind: "string" };
    case ts.SyntaxKind.NumberKeyword: return { kind: "number" };
    case ts.SyntaxKind.BooleanKeyword: return { kind: "boolean" };
    case ts.SyntaxKind.AnyKeyword:
    case ts.SyntaxKind.UnknownKeyword:
    case ts.SyntaxKind.UndefinedKeyword:
    case ts.SyntaxKind.TypeLiteral: return { kind: "any" };
    case ts.SyntaxKind.ArrayType: return { kind: "array", of: shape(type.elementType) };
    case ts.SyntaxKind.ParenthesizedType: return shape(type.type);
    case ts.SyntaxKind.LiteralType: return { kind: "enum", values: new Set([type.literal.text]) };
    case ts.SyntaxKind.UnionType: return union(type.types.map(shape), type);
    case ts.SyntaxKind.TypeReference: return reference(type);
    default: throw new Error(`unknown form of type: ${type.getText()}`);
  }
}

function union(members, type) {
  // `number | string | "INF"` stands for a double: JSON writes it as a number.
  const values = new Set(members.flatMap((member) => (member.kind === "enum" ? [...member.values] : [])));
  if (members.every((member) => member.kind === "enum")) return { kind: "enum", values };
  if (members.some((member) => member.kind === "number")) return { kind: "number" };
  throw new Error(`unknown union: ${type.getText()}`);
}

function reference(type) {
  const name = type.typeName.getText();
  if (name === "NullableOption") return { kind: "nullable", of: shape(type.typeArguments[0]) };
  return { kind: "entity", name };
}

/** Entities by name, with what they inherit. */
export class Types {
  #entities;
  #aliases;
  #byODataName = new Map();

  constructor(entities, aliases) {
    this.#entities = entities;
    this.#aliases = aliases;
    for (const name of entities.keys()) this.#byODataName.set(name.toLowerCase(), name);
  }

  get size() {
    return this.#entities.size;
  }

  has(name) {
    return this.#entities.has(name);
  }

  /** The shape of a property, own or inherited; undefined when the entity has none of this name. */
  property(entity, property) {
    for (let at = entity; at; at = this.#entities.get(at)?.base) {
      const found = this.#entities.get(at)?.properties.get(property);
      if (found) return this.resolved(found);
    }
    return undefined;
  }

  /** What stands behind a name: an alias is what it stands for. */
  resolved(shape) {
    if (shape.kind === "nullable" || shape.kind === "array") return { ...shape, of: this.resolved(shape.of) };
    if (shape.kind !== "entity" || this.#entities.has(shape.name)) return shape;
    const alias = this.#aliases.get(shape.name);
    if (!alias) throw new Error(`no such type: ${shape.name}`);
    return this.resolved(alias);
  }

  /** The entity that an `@odata.type` such as `#microsoft.graph.fileAttachment` names. */
  named(odataType) {
    return this.#byODataName.get(odataType.replace(/^#?microsoft\.graph\./i, "").toLowerCase());
  }

  /** Whether an entity is another one or is derived from it. */
  isA(entity, base) {
    for (let at = entity; at; at = this.#entities.get(at)?.base) if (at === base) return true;
    return false;
  }
}
