import { expect } from 'chai';
import { sniffBody } from '../../lib/backend/sniff-body.js';

describe('sniffBody', () => {
  it('knows an event stream by its first line', () => {
    for (const head of ['data: {', 'data:', ':', ': hi', 'event: x', 'id:1', 'retry: 5', 'data\n', '\uFEFF\r\n data:']) {
      expect(sniffBody(head), head).to.equal('events');
    }
  });

  it('knows JSON by its first character', () => {
    for (const head of ['{', ' \n[', '\uFEFF{']) expect(sniffBody(head)).to.equal('json');
  });

  it('knows what is neither', () => {
    for (const head of ['<', 'N', 'database error', 'data error:', 'events', 'error: no', '"text"']) {
      expect(sniffBody(head), head).to.equal('other');
    }
  });

  it('waits while it cannot be told', () => {
    for (const head of ['', ' \n', '\uFEFF', 'd', 'data', 'ev', 'i', 'retr']) expect(sniffBody(head), head).to.equal(undefined);
  });
});
