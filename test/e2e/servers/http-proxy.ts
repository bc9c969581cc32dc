import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** A company's HTTP proxy, as squid is: addresses of http are asked for, those of https get a tunnel. */
export class HttpProxy {
  /** `CONNECT host:port` and `GET http://…`, as they came. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly host: string,
  ) {}

  /** @param login `user:password` that it wants; none for everybody */
  static async start(host: string, login?: string): Promise<HttpProxy> {
    const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
    const isRefused = ({ headers }: IncomingMessage) =>
      wanted !== undefined && headers["proxy-authorization"] !== wanted;
    const server = createServer((request, response) => {
      proxy.asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      if (isRefused(request)) {
        response.writeHead(407).end();
        return;
      }
      const { method, headers, url = "" } = request;
      const onward = send(url, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.writeHead(502).end());
      request.pipe(onward);
    });
    server.on("connect", (request, client) => {
      proxy.asked.push(`CONNECT ${request.url ?? ""}`);
      if (isRefused(request)) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      const { hostname, port } = new URL(`http://${request.url ?? ""}`);
      const server = connect(Number(port), hostname, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      server.on("error", () => client.destroy());
      client.on("error", () => server.destroy());
    });
    const proxy = new HttpProxy(server, host);
    server.listen(0, host);
    await once(server, "listening");
    return proxy;
  }

  get address(): string {
    return `${this.host}:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
