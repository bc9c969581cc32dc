import { isIP } from "node:net";

// Both scripts print a private key and a certificate in PEM and nothing else. Keys live in files only while a
// script runs, in a folder that nobody else can read. P-256 keys: every browser and openssl since 1.0 has them.

/** Makes a certificate authority, valid for ten years: longer than the server certificates it signs. */
export const AUTHORITY_SCRIPT = `set -eu
umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \\
  -subj "/CN=JupyterHub on Docker CA" \\
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \\
  -keyout "$dir/key.pem" -out "$dir/certificate.pem" 2>"$dir/log" || { cat "$dir/log" >&2; exit 1; }
cat "$dir/key.pem" "$dir/certificate.pem"
`;

/** Makes a server certificate for $SUBJECT_ALT_NAMES, valid $DAYS days, signed by the authority on standard input. */
export const CERTIFICATE_SCRIPT = `set -eu
umask 077
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat > "$dir/authority.pem"
printf '%s\\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" \\
  "extendedKeyUsage=serverAuth" "subjectAltName=$SUBJECT_ALT_NAMES" > "$dir/extensions"
{
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$COMMON_NAME" \\
    -keyout "$dir/key.pem" -out "$dir/request.pem" &&
  openssl x509 -req -in "$dir/request.pem" -CA "$dir/authority.pem" -CAkey "$dir/authority.pem" \\
    -set_serial "0x$(openssl rand -hex 16)" -days "$DAYS" -sha256 -extfile "$dir/extensions" \\
    -out "$dir/certificate.pem"
} 2>"$dir/log" || { cat "$dir/log" >&2; exit 1; }
cat "$dir/key.pem" "$dir/certificate.pem"
`;

/** Names as openssl's subjectAltName: `DNS:hub.example.org,IP:192.0.2.1`. */
export function subjectAltNames(names: readonly string[]): string {
  return names.map((name) => `${isIP(name) === 0 ? "DNS" : "IP"}:${name}`).join(",");
}

/**
 * Splits what the scripts print.
 *
 * @throws Error when a key or a certificate is missing; its message never holds the text.
 */
export function splitPem(text: string): { key: string; certificate: string } {
  const block = (label: string): string => {
    const found = new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`).exec(text);
    if (found === null) {
      throw new Error(`openssl printed no ${label.toLowerCase()}`);
    }
    return `${found[0]}\n`;
  };
  return { key: block("PRIVATE KEY"), certificate: block("CERTIFICATE") };
}
