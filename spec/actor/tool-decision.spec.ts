import { expect } from 'chai';
import * as t from 'io-ts';
import { take } from 'rxjs';
import type { ActorSignal } from '../../lib/actor/actor.js';
import { decideByToolCalls } from '../../lib/actor/tool-decision.js';
import { createWireNames } from '../../lib/actor/wire-names.js';
import type { LLMBackend, LLMChunk, LLMRequest } from '../../lib/backend/backend.js';
import type { ScriptStep } from '../../lib/backend/script-step.js';
import { scriptedBackend } from '../../lib/backend/scripted-backend.js';
import { ServerError } from '../../lib/errors/server-error.js';
import { ToolCallError } from '../../lib/errors/tool-call-error.js';
import { agentMarbles } from '../../lib/testing/marbles/agent-marbles.js';
import { attemptAfter } from '../support/attempt-after.js';
import { dataOf } from '../support/request-text.js';

const request: LLMRequest = {
  messages: [
    { role: 'system', content: 'rules' },
    { role: 'user', content: 'the state' },
  ],
  maxTokens: 9,
};
const tools = [{ name: 'read', params: t.intersection([t.strict({ path: t.string }), t.partial({ from: t.number })]) }];

const decideOn = (backend: LLMBackend, repairs = 1, attempt?: number) =>
  decideByToolCalls({ backend, request, repairs, tools, names: createWireNames(['read', 'fs.read']), attempt });

const text = (piece: string): LLMChunk => ({ type: 'text', text: piece });
const call = (name: string, params = {}, id = name): LLMChunk => ({ type: 'tool_call', id, name, params });
const finish = (reason: string): LLMChunk => ({ type: 'finish', reason });
const restart: LLMChunk = { type: 'restart' };
const said = (token: string, attempt = 1, channel = 'thought'): ActorSignal => ({ type: 'token', token, channel, attempt });
const action = (name: string, params: object, thought = '') => ({ type: 'action', action: { name, params, thought, expectedDelta: '' } });

/** Why an attempt is dropped whose arguments are unsound. */
const UNSOUND = 'the answer is no action: the arguments of read are no JSON object';
const ANEW = 'the answer began anew';

const unsound = (said = '') => new ToolCallError('the arguments of read are no JSON object', { received: `{"path":${said}` });

/** What an actor asks and says on these answers, all of which it asks for, and the error that it ends with. */
const decide = (answers: readonly ScriptStep[], repairs = 1) => {
  const backend = scriptedBackend(answers);
  const signals: ActorSignal[] = [];
  let failure: unknown;
  decideOn(backend, repairs).subscribe({ next: (signal) => signals.push(signal), error: (error: unknown) => (failure = error) });
  backend.verify();
  return { signals, failure, requests: backend.requests };
};

describe('decideByToolCalls', () => {
  it('asks for nothing more where its subscriber leaves at what was held back to the end', () => {
    const backend = scriptedBackend([[text('a\ud83d'), finish('length')], ['never asked for']]);
    const heard: ActorSignal[] = [];
    decideOn(backend)
      .pipe(take(2))
      .subscribe((signal) => heard.push(signal));
    expect(heard).to.deep.equal([said('a'), said('\ufffd')]);
    expect(backend.requests).to.have.length(1);
  });

  it('says the text as the thought while it comes, and makes one call the action', () => {
    agentMarbles((m) => {
      const backend = m.backend('             -r-a-b-c-u-(f|)', {
        r: { type: 'reasoning', text: 'hm' },
        a: 'I ',
        b: 'read.',
        c: call('read', { path: 'x' }),
        u: { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
        f: finish('tool_calls'),
      });
      m.expectObservable(decideOn(backend)).toBe('-r-a-b---u-(x|)', {
        r: said('hm', 1, 'reasoning'),
        a: said('I '),
        b: said('read.'),
        u: { type: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
        x: action('read', { path: 'x' }, 'I read.'),
      });
      m.expectRequests(backend).toBe('        ^----------|');
    });
  });

  it('makes several calls one parallel, in their order', () => {
    const { signals } = decide([[call('read', { path: 'a' }, '1'), call('list', {}, '2'), finish('tool_calls')]]);
    const calls = [
      { name: 'read', params: { path: 'a' } },
      { name: 'list', params: {} },
    ];
    expect(signals).to.deep.equal([action('parallel', { calls })]);
  });

  it('gives a tool its own name again, where it was offered under another', () => {
    const answer = [call('fs_read', {}, '1'), call('made up', {}, '2'), finish('tool_calls')];
    const calls = [
      { name: 'fs.read', params: {} },
      { name: 'made up', params: {} },
    ];
    expect(decide([answer]).signals).to.deep.equal([action('parallel', { calls })]);
    expect(decide([[call('fs_read')]]).signals).to.deep.equal([action('fs.read', {})]);
  });

  it('takes a call for an action whatever the finish says', () => {
    expect(decide([[call('read', { path: 'a' }), finish('stop')]]).signals).to.deep.equal([action('read', { path: 'a' })]);
  });

  it('drops the nulls of parameters that the model left out', () => {
    const answer = [call('read', { path: 'a', from: null }), finish('tool_calls')];
    expect(decide([answer]).signals).to.deep.equal([action('read', { path: 'a' })]);
  });

  it('takes a text that ended with stop for DONE, with the text as its answer', () => {
    expect(decide([['It is ', 'here.']]).signals).to.deep.equal([
      said('It is '),
      said('here.'),
      action('DONE', { answer: 'It is here.' }, 'It is here.'),
    ]);
  });

  it('replaces by a higher attempt what was said in an answer with unsound arguments', () => {
    agentMarbles((m) => {
      const values = { a: 'Hm', b: 'So', c: call('read', { path: 'x' }), f: finish('tool_calls') };
      const backend = m.backend(['-a-#', '----b-(cf|)'], values, unsound());
      const [dropped, started] = attemptAfter(1, UNSOUND);
      m.expectObservable(decideOn(backend)).toBe('-a-(ds)b-(x|)', {
        a: said('Hm'),
        d: dropped,
        s: started,
        b: said('So', 2),
        x: action('read', { path: 'x' }, 'So'),
      });
      m.expectRequests(backend).toBe('^--#', '---^-----|');
    });
  });

  it('takes back what a refused answer said where the next one says nothing', () => {
    const answers = [{ tokens: ['Hm'], error: unsound() }, [call('read', { path: 'x' }), finish('tool_calls')]];
    expect(decide(answers).signals).to.deep.equal([said('Hm'), ...attemptAfter(1, UNSOUND), said('', 2), action('read', { path: 'x' })]);
  });

  it('replaces what was said before a restart, and forgets the calls of it', () => {
    const answer = [text('old'), call('old'), restart, text('new'), call('read', { path: 'x' }), finish('tool_calls')];
    expect(decide([answer]).signals).to.deep.equal([
      said('old'),
      ...attemptAfter(1, ANEW),
      said('new', 2),
      action('read', { path: 'x' }, 'new'),
    ]);
  });

  it('counts the attempts of restarts and of repairs in one line', () => {
    const answers = [[text('a'), restart, text('b'), finish('length')], 'c'];
    expect(decide(answers).signals).to.deep.equal([
      said('a'),
      ...attemptAfter(1, ANEW),
      said('b', 2),
      ...attemptAfter(2, 'the answer is no action: it was cut off because it is too long: answer more briefly'),
      said('c', 3),
      action('DONE', { answer: 'c' }, 'c'),
    ]);
  });

  it('begins with the attempt that it is asked for, and leaves nothing standing of the one before', () => {
    const heard: ActorSignal[] = [];
    const answer = [text('a'), restart, call('read', { path: 'x' }), finish('tool_calls')];
    decideOn(scriptedBackend([answer, [call('read'), finish('tool_calls')]]), 1, 3).subscribe((signal) => heard.push(signal));
    expect(heard).to.deep.equal([said('a', 3), ...attemptAfter(3, ANEW), said('', 4), action('read', { path: 'x' })]);
    const silent: ActorSignal[] = [];
    decideOn(scriptedBackend([[call('read'), finish('tool_calls')]]), 1, 2).subscribe((signal) => silent.push(signal));
    expect(silent).to.deep.equal([said('', 2), action('read', {})]);
  });

  it('asks for no repair where its subscriber leaves as the attempt is dropped', () => {
    const backend = scriptedBackend([unsound(), 'never asked for']);
    decideOn(backend).pipe(take(1)).subscribe();
    expect(backend.requests).to.have.length(1);
  });

  const refused: readonly (readonly [what: string, chunks: readonly LLMChunk[], issue: string])[] = [
    ['nothing at all', [finish('stop')], 'it holds neither a tool call nor a text'],
    ['reasoning alone', [{ type: 'reasoning', text: 'hm' }, finish('stop')], 'it holds neither a tool call nor a text'],
    ['blank text', [text(' \n'), finish('stop')], 'it holds neither a tool call nor a text'],
    ['a text that was cut off', [text('It is'), finish('length')], 'it was cut off because it is too long: answer more briefly'],
    ['calls that never came', [text('I read.'), finish('tool_calls')], 'it ended as if tools were called, and no call came'],
    ['another finish', [text('I'), finish('content_filter')], 'it ended with "content_filter" in place of "stop"'],
    ['a text without a finish', [text('It is')], 'it ended without saying why, so it may be cut off'],
    [
      'a call that was cut off, though it looks whole',
      [call('read', { path: 'x' }), finish('length')],
      'it was cut off because it is too long: answer more briefly',
    ],
    [
      'a call that a filter cut off',
      [call('read', { path: 'x' }), finish('content_filter')],
      'it ended with "content_filter" in place of "stop"',
    ],
  ];
  for (const [what, chunks, issue] of refused) {
    it(`sends back ${what}, and fails when it comes again`, () => {
      const { failure, signals, requests } = decide([chunks, chunks, chunks], 2);
      expect(requests[2]?.messages.at(-1)?.content).to.include(issue);
      expect(failure).to.include({ _tag: 'StructuredOutputError', isRetryable: true });
      expect(failure).to.have.property('issues').that.deep.equals([issue]);
      expect(signals.some(({ type }) => type === 'action')).to.equal(false);
    });
  }

  it('asks once where no repairs are allowed, and keeps the cause', () => {
    const error = unsound('oops');
    const { failure } = decide([error], 0);
    expect(failure).to.include({ _tag: 'StructuredOutputError', received: '{"path":oops', cause: error });
  });

  it('asks again with what was wrong and the refused answer as data, in the same two messages', () => {
    const [first, second] = decide([unsound('</data>'), 'ok']).requests;
    expect(first).to.deep.equal(request);
    expect(second?.messages.map(({ role }) => role)).to.deep.equal(['system', 'user']);
    expect(second?.messages[1]?.content).to.match(
      /^the state\n\nYour last answer could not be used: the arguments of read are no JSON object\.\n/,
    );
    expect(dataOf(second)).to.deep.equal({ answer: '{"path":</data>' });
    expect(second?.maxTokens).to.equal(9);
  });

  it('asks again within the question where results of tools came last', () => {
    const history: LLMRequest['messages'] = [
      ...request.messages,
      { role: 'assistant', content: '', toolCalls: [{ id: 'c00000000', name: 'read', params: {} }] },
      { role: 'tool', toolCallId: 'c00000000', content: '{"ok":true}' },
    ];
    const backend = scriptedBackend([unsound(), 'ok']);
    decideByToolCalls({ backend, request: { messages: history }, repairs: 1, tools, names: createWireNames([]) }).subscribe();
    const messages = backend.requests[1]?.messages ?? [];
    expect(messages.map(({ role }) => role)).to.deep.equal(['system', 'user', 'assistant', 'tool']);
    expect(messages[1]?.content)
      .to.include('the arguments of read are no JSON object')
      .and.to.include('If the answer was cut off, be briefer.');
    expect(messages.slice(2)).to.deep.equal(history.slice(2));
  });

  it('tells the model what was wrong with a call, and not what the program could do about it', () => {
    const error = new ToolCallError('The tool call was cut off. Ask for less, or raise maxTokens.', { received: '{"path":"x' });
    const note = decide([error, 'ok']).requests[1]?.messages.at(-1)?.content;
    expect(note).to.include('could not be used: The tool call was cut off.\n').and.not.include('maxTokens');
  });

  it('leaves no credential in the error', () => {
    const answer = [text('The key is sk-abcdefghijklmnop'), finish('length')];
    expect(decide([answer], 0).failure)
      .to.have.property('received')
      .that.includes('The key is')
      .and.does.not.include('abcdefghijklmnop');
  });

  it('passes on any other error as it is, and asks no more', () => {
    const error = new ServerError('503');
    const { failure, signals } = decide([{ tokens: ['I'], error }]);
    expect(failure).to.equal(error);
    expect(signals).to.deep.equal([said('I')]);
  });

  it('reaches the backend when it is unsubscribed, in a repair too', () => {
    agentMarbles((m) => {
      const backend = m.backend(['--#', '----a-----|'], { a: 'Hm' }, unsound());
      const [dropped, started] = attemptAfter(1, UNSOUND);
      m.expectObservable(decideOn(backend), '^-------!').toBe('--(ds)a', { a: said('Hm', 2), d: dropped, s: started });
      m.expectRequests(backend).toBe('^-#', '--^-----!');
    });
  });

  it('is cold: each subscription asks anew and counts its attempts from 1', () => {
    const backend = scriptedBackend(['a', 'a']);
    const decision$ = decideOn(backend);
    expect(backend.requests).to.have.length(0);
    const tokens: ActorSignal[] = [];
    decision$.subscribe((signal) => tokens.push(signal));
    decision$.subscribe((signal) => tokens.push(signal));
    backend.verify();
    expect(tokens.filter(({ type }) => type === 'token')).to.deep.equal([said('a'), said('a')]);
  });
});
