import { expect } from 'chai';
import { concat, from, lastValueFrom, map, of, toArray, type OperatorFunction } from 'rxjs';
import {
  createOrchestrator,
  decided,
  rulePurposeFunction,
  token,
  toolEnvironment,
  toolProgress,
  type Actor,
  type StreamEvent,
} from 'purpose-rx';
import { toLiveText } from '../../demos/find-symbol/live-screen.js';
import { noPaint } from '../../demos/find-symbol/paint.js';
import { toTerminal } from '../../demos/find-symbol/terminal.js';
import { rowsOf } from './terminal-rows.js';
import { toPlainText } from '../../demos/find-symbol/plain-screen.js';

const calls = [
  { name: 'count', params: {} },
  { name: 'fail', params: {} },
];

const actor: Actor = {
  decide: ({ step }) =>
    step === 1
      ? concat(of(token('I lo'), token('ok at '), token('\u001b[31mboth.\n')), of(decided({ name: 'parallel', params: { calls } })))
      : of(token('That is all.'), decided({ name: 'DONE', params: { answer: 'all' } })),
};

const environment = toolEnvironment({
  tools: [
    { name: 'count', run: () => of(toolProgress({ files: 1 }), toolProgress({ files: 2 }), 'two') },
    {
      name: 'fail',
      run: () => {
        throw new Error('no disk');
      },
    },
  ],
});

const shown = async (screen: OperatorFunction<StreamEvent, string>): Promise<string> => {
  const purposeFunction = rulePurposeFunction(({ data }) => (data['observations'] === undefined ? 0 : 6));
  const run = createOrchestrator({ actor, purposeFunction, environment }).runTaskStream({ purpose: 'look' });
  return (await lastValueFrom(run.pipe(screen, toArray()))).join('');
};

/** Goes up some lines and clears from there. */
const DRAW_OVER = new RegExp(String.raw`\u001b\[(\d+)F\u001b\[J`);

/** What a terminal shows in the end. */
const onTerminal = (output: string): readonly string[] => {
  const [first = '', ...rest] = output.split(DRAW_OVER);
  let text = first;
  for (let index = 0; index < rest.length; index += 2) {
    const lines = text.split('\n');
    text = `${lines.slice(0, lines.length - 1 - Number(rest[index])).join('\n')}\n${rest[index + 1] ?? ''}`;
  }
  return text.split('\n').map((line) => line.trimEnd());
};

const expected = [
  '',
  'step 1',
  '  thinks      I look at ·[31mboth.',
  '  does        count() ∥ fail()',
  '  ✓           count: "two"',
  '  ✗           fail: no disk',
  '  Φ           ▰▰▰▰▰▰▱▱▱▱ 6.0 of 10 (+6.00), confidence 100 %',
  '',
  'step 2',
  '  thinks      That is all.',
  '  does        DONE',
  '  ends        done',
  '',
];

describe('toPlainText', () => {
  it('writes one line a text, with no escape code, whatever the text says', async () => {
    const output = await shown(toPlainText);
    expect(output).to.not.include('\u001b');
    expect(output.split('\n').filter((line) => !line.startsWith('  … '))).to.deep.equal(expected);
  });
});

describe('toLiveText', () => {
  it('draws the tools at work over in place', async () => {
    const output = await shown(toLiveText({ columns: 80, paint: noPaint }));
    expect(output).to.include('count: 1 files').and.to.include('count: 2 files');
    expect(onTerminal(output)).to.deep.equal(expected);
  });

  it('lets no text but its own steer the terminal', async () => {
    const output = await shown(toLiveText({ columns: 80, paint: noPaint }));
    expect(output.replaceAll(new RegExp(DRAW_OVER, 'g'), '')).to.not.include('\u001b');
  });

  it('keeps a row of a tool on one line, and breaks texts between words', async () => {
    const output = await shown(toLiveText({ columns: 30, paint: noPaint }));
    for (const line of onTerminal(output).filter((text) => /[✓✗]/.test(text))) expect(line.length).to.be.below(30);
    expect(onTerminal(output)).to.include('  thinks      I look at').and.to.include('              ·[31mboth.');
  });
});

describe('toTerminal', () => {
  const answer = 'a long answer that takes more than one row of a terminal, as answers tend to do';
  const talker: Actor = {
    decide: () =>
      concat(
        from('It says incomprehensibilities letter by letter, extraordinarily so.').pipe(map((letter) => token(letter))),
        of(decided({ name: 'DONE', params: { answer } })),
      ),
  };
  const told = async (isTTY: boolean): Promise<string> => {
    const run = createOrchestrator({
      actor: talker,
      purposeFunction: rulePurposeFunction(() => 0),
      environment: toolEnvironment({ tools: [] }),
    });
    const activity = { requests: 0, requestsAborted: 0, toolsAborted: 0 };
    const output = { isTTY, columns: 40, hasColors: () => false };
    const texts$ = toTerminal(run.runTaskStream({ purpose: 'talk' }), {
      label: 'a talker',
      isEstimate: true,
      question: 'what?',
      folder: '.',
      activity,
      output,
    });
    return (await lastValueFrom(texts$.pipe(toArray()))).join('');
  };

  it('keeps thoughts, the answer and the totals within a terminal, and their words whole', async () => {
    const rows = rowsOf(await told(true));
    for (const row of rows) expect(row.length, row).to.be.below(40);
    const shown = rows.map((row) => row.trim()).join(' ');
    expect(shown).to.include('It says incomprehensibilities letter by letter, extraordinarily so.').and.to.include(answer);
    expect(shown).to.match(/totals +0 scored steps, 0 requests; about 0 tokens in, .* steps that improved: 0 of 0, Φ 0\.0/);
  });

  it('leaves lines as long as they are elsewhere', async () => {
    expect((await told(false)).split('\n')).to.include(`  answer      ${answer}`);
  });
});
