// A self-signed certificate, written with what Node has (RFC 5280, 4.1; X.690 for the encoding).

import { createHash, generateKeyPairSync, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SHA256_WITH_RSA = der(SEQUENCE, Buffer.from("06092a864886f70d01010b0500", "hex"));

/** A key and its certificate in PEM, and the thumbprint by which Entra knows it. */
export function selfSigned(commonName) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const name = der(SEQUENCE, der(0x31, der(SEQUENCE, Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from(commonName)))));
  const content = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    SHA256_WITH_RSA,
    name,
    der(SEQUENCE, instant(-1), instant(1)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", content, privateKey);
  const certificate = der(SEQUENCE, content, SHA256_WITH_RSA, der(0x03, Buffer.from([0]), signature));
  return {
    certificate: pem("CERTIFICATE", certificate),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
    thumbprintSha256: createHash("sha256").update(certificate).digest("hex"),
  };
}

/** An element: its tag, the length of its content, its content. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from([content.length >> 8, content.length & 0xff]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
}

/** So many years from now, as UTCTime. */
function instant(years) {
  const at = new Date();
  at.setUTCFullYear(at.getUTCFullYear() + years);
  return der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

function pem(label, bytes) {
  return `-----BEGIN ${label}-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;
}
