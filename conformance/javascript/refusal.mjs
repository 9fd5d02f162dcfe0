// What a refusal looks like to a user of the client.

import assert from "node:assert/strict";
import { GraphError } from "@microsoft/microsoft-graph-client";

/** For `assert.rejects`: the client's own error with this status and a code that matches. */
export function isGraphError(status, code) {
  return (error) => {
    assert.ok(error instanceof GraphError, String(error));
    assert.equal(error.statusCode, status, `${error.code}: ${error.message}`);
    assert.match(error.code, new RegExp(`^(${code.source ?? code})$`));
    return true;
  };
}
