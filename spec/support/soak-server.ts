/**
 * The server of the soak, in a process of its own: an action for every request, and now and then a refusal or a silence. It tells its address by `process.send`; `GET /sockets` tells how many connections are open.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { costs, DONE, finishes, says } from './server-sent.js';

const action = { thought: 'I look.', name: 'look', params: { at: 'the door' }, expectedDelta: 'I see' };

const answerOf = (answer: object): string => {
  const pieces = JSON.stringify(answer).match(/.{1,40}/g) ?? [];
  return [...pieces.map(says), finishes('stop'), costs(20, 10), DONE].join('');
};

const whole = answerOf(action);

/** Every so many requests are refused, or break off in silence. */
const [REFUSED, SILENT] = [20, 200];

let count = 0;

const answer = (response: ServerResponse): void => {
  count += 1;
  if (count % REFUSED === 0) {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"busy"}}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (count % SILENT === 1) response.write(whole.slice(0, 100));
  else response.end(whole);
};

const server = createServer((request, response) => {
  if (request.url === '/sockets') {
    server.getConnections((_error, sockets) => response.end(String(sockets)));
    return;
  }
  request.resume().once('end', () => {
    answer(response);
  });
});
// No connection is closed that is about to be used again.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('disconnect', () => {
  process.exit();
});
