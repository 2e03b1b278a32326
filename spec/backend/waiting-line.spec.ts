import { expect } from 'chai';
import { WaitingLine } from '../../lib/backend/waiting-line.js';
import { hearNow } from '../support/hear-now.js';

/** A line with room for so many, and a way to make more. */
const lineFor = (room: number) => {
  let left = room;
  let emptied = 0;
  const line = new WaitingLine<string>(() => (emptied += 1));
  const asked: string[] = [];
  const enter = (name: string) =>
    line.enter(() => {
      asked.push(name);
      if (left === 0) return undefined;
      left -= 1;
      return name;
    });
  const makeRoom = (more: number): void => {
    left += more;
    line.advance();
  };
  return { line, enter, makeRoom, asked, emptied: () => emptied };
};

describe('WaitingLine', () => {
  it('lets in at once whoever can go', () => {
    const { line, enter } = lineFor(1);
    expect(hearNow(enter('a'))).to.deep.equal(['a', '|']);
    expect(line.length).to.equal(0);
  });

  it('lets in those who wait in the order of their subscription', () => {
    const { line, enter, makeRoom } = lineFor(0);
    const [b$, a$] = [enter('b'), enter('a')];
    const order: string[] = [];
    for (const waiting$ of [a$, b$, enter('c')]) waiting$.subscribe((name) => order.push(name));
    expect(line.length).to.equal(3);
    makeRoom(2);
    expect(order).to.deep.equal(['a', 'b']);
    makeRoom(1);
    expect(order).to.deep.equal(['a', 'b', 'c']);
  });

  it('asks nobody behind one who cannot go', () => {
    const { enter, asked } = lineFor(0);
    enter('a').subscribe();
    enter('b').subscribe();
    expect(asked).to.not.include('b');
  });

  it('asks the next one when the first one leaves, and nobody when another does', () => {
    const { enter, asked } = lineFor(0);
    const first = enter('a').subscribe();
    const second = enter('b').subscribe();
    enter('c').subscribe();
    asked.length = 0;
    second.unsubscribe();
    expect(asked).to.deep.equal([]);
    first.unsubscribe();
    expect(asked).to.deep.equal(['c']);
  });

  it('says when the last one has left, and not when they were let in', () => {
    const { enter, makeRoom, emptied } = lineFor(0);
    enter('a').subscribe();
    makeRoom(1);
    expect(emptied()).to.equal(0);
    enter('b').subscribe().unsubscribe();
    expect(emptied()).to.equal(1);
  });

  it('lets in twenty thousand in a row, each of whom lets in the next', () => {
    const { enter, makeRoom, line } = lineFor(0);
    let entered = 0;
    for (let index = 0; index < 20_000; index += 1) {
      enter('x').subscribe(() => {
        entered += 1;
        makeRoom(1);
      });
    }
    makeRoom(1);
    expect(entered).to.equal(20_000);
    expect(line.length).to.equal(0);
  });

  it('goes on after one that broke while it was let in', () => {
    const line = new WaitingLine<string>();
    let isBroken = true;
    const tryEnter = (): string | undefined => {
      if (isBroken) throw new Error('broken');
      return 'a';
    };
    expect(hearNow(line.enter(tryEnter))).to.deep.equal(['# broken']);
    isBroken = false;
    expect(hearNow(line.enter(() => 'b'))).to.deep.equal(['b', '|']);
  });
});
