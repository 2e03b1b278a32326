import { expect } from 'chai';
import { createRails } from '../../../lib/testing/timelines/timeline-rails.js';

describe('createRails', () => {
  it('gives each call a rail of its own, and a free one again', () => {
    const rails = createRails(8);
    expect(rails.start('a', '┬')).to.deep.equal({ first: '┬ ', rest: '│ ' });
    expect(rails.start('b', '┬')).to.deep.equal({ first: '│┬ ', rest: '││ ' });
    expect(rails.progress('a', '•')).to.deep.equal({ first: '•│ ', rest: '││ ' });
    expect(rails.end('a', '✓')).to.deep.equal({ first: '✓│ ', rest: ' │ ' });
    expect(rails.idle()).to.equal(' │');
    expect(rails.beside('=')).to.deep.equal({ first: ' │= ', rest: ' │  ' });
    expect(rails.start('c', '┬').first).to.equal('┬│ ');
    expect(rails.open()).to.deep.equal(['c', 'b']);
    expect(rails.end('b', '✗')).to.deep.equal({ first: '│✗ ', rest: '│  ' });
    expect(rails.idle()).to.equal('│');
  });

  it('marks a call that never began beside the rails', () => {
    const rails = createRails(8);
    rails.start('a', '┬');
    expect(rails.end('x', '✓')).to.deep.equal({ first: '│✓ ', rest: '│  ' });
    expect(rails.progress('x', '•').first).to.equal('│• ');
    expect(rails.open()).to.deep.equal(['a']);
  });

  it('draws no more rails than it may, and keeps the calls beyond them in mind', () => {
    const rails = createRails(2);
    for (const callId of ['a', 'b', 'c', 'd']) rails.start(callId, '┬');
    expect(rails.idle()).to.equal('││');
    expect(rails.progress('d', '•')).to.deep.equal({ first: '││• ', rest: '││  ' });
    expect(rails.open()).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(rails.end('d', '✓').first).to.equal('││✓ ');
    expect(rails.open()).to.deep.equal(['a', 'b', 'c']);
  });
});
