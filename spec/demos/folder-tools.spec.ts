import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, NEVER, toArray } from 'rxjs';
import { decided, toolEnvironment, type JsonRecord, type Signal, type State } from 'purpose-rx';
import { countAborts, countRequests, type Activity } from '../../demos/find-symbol/teardown.js';
import { folderTools } from '../../demos/find-symbol/tools.js';
import { writeFixture, type Fixture } from './fixture.js';

const isState = (value: State | Signal): value is State => 'data' in value && !('type' in value);

describe('folderTools', () => {
  let fixture: Fixture;

  before(() => {
    fixture = writeFixture();
  });

  after(() => {
    fixture.remove();
  });

  const call = async (
    name: string,
    params: JsonRecord,
  ): Promise<{ readonly signals: readonly string[]; readonly observation: JsonRecord }> => {
    const environment = toolEnvironment({ tools: folderTools(fixture.folder) });
    const emitted = await lastValueFrom(environment.execute(decided({ name, params }).action, { data: {} }).pipe(toArray()));
    const [observation] = emitted.filter(isState).flatMap(({ data }) => data['observations'] as readonly JsonRecord[]);
    return { signals: emitted.map((value) => (isState(value) ? 'state' : value.type)), observation: observation ?? {} };
  };

  it('lists files, and neither what is installed nor what links lead to', async () => {
    const { observation, signals } = await call('list_files', {});
    expect(observation['output']).to.deep.include({
      total: 10,
      byExtension: { '.py': 1, '.rs': 1, '.bin': 1, '.java': 1, '.c': 1, '.h': 1, '.md': 1, '.go': 1, '.ts': 2 },
    });
    expect(JSON.stringify(observation)).to.not.match(/node_modules|secret/);
    expect(signals).to.include('tool_progress');
  });

  it('lists a folder under it', async () => {
    const { observation } = await call('list_files', { under: './web/' });
    expect(observation['output']).to.deep.include({ total: 2, files: ['web/door.ts', 'web/index.ts'] });
  });

  it('searches whole words in order of path and line', async () => {
    const { observation, signals } = await call('search_text', { text: 'openDoorSoon', wholeWord: true });
    expect(observation['output']).to.deep.include({ total: 1, filesSearched: 9, filesSkipped: 1 });
    expect((await call('search_text', { text: 'openDoor', wholeWord: true })).observation['output']).to.have.property('total', 8);
    expect((await call('search_text', { text: 'opendoor', ignoreCase: true })).observation['output']).to.have.property('total', 8);
    expect(signals).to.include('tool_progress');
  });

  it('takes a text to search literally', async () => {
    const { observation } = await call('search_text', { text: 'Serve(":80' });
    expect(observation['output']).to.have.property('total', 1);
    expect((await call('search_text', { text: '.*' })).observation['output']).to.have.property('total', 0);
  });

  it('reads lines, both ends included', async () => {
    const { observation } = await call('read_lines', { path: 'native/list.h', from: 2, to: 3 });
    expect(observation['output']).to.deep.equal({
      path: 'native/list.h',
      from: 2,
      lines: ['int push_back(struct node *list, int value);', '#define MAX_NODES 64'],
    });
  });

  for (const path of ['../outside/secret.ts', 'link/secret.ts', '/etc/passwd', 'app/../../outside/secret.ts']) {
    it(`does not leave the folder by ${path}`, async () => {
      const { observation } = await call('read_lines', { path, from: 1, to: 1 });
      expect(observation['error']).to.equal(`${path} is outside of the folder`);
    });
  }

  it('does not list outside of the folder', async () => {
    expect((await call('list_files', { under: '../outside' })).observation['error']).to.equal('../outside is outside of the folder');
    expect((await call('list_files', { under: 'link' })).observation['error']).to.equal('link is outside of the folder');
  });

  it('says what is wrong with a file or lines that are not there', async () => {
    expect((await call('read_lines', { path: 'native/list.h', from: 9, to: 9 })).observation['error']).to.equal(
      'native/list.h has the lines 1 to 4',
    );
    expect((await call('read_lines', { path: 'image.bin', from: 1, to: 1 })).observation['error']).to.equal(
      'image.bin is no text file, or a huge one',
    );
    expect((await call('read_lines', { path: 'none', from: 1, to: 1 })).observation['error']).to.include('ENOENT');
  });

  it('stops when it is left, and its call counts as aborted', () => {
    const activity: Activity = { requests: 0, requestsAborted: 0, toolsAborted: 0 };
    const environment = toolEnvironment({ tools: folderTools(join(fixture.folder)).map((tool) => countAborts(tool, activity)) });
    const calls = [
      { name: 'list_files', params: {} },
      { name: 'search_text', params: { text: 'openDoor' } },
    ];
    const running = environment.execute(decided({ name: 'parallel', params: { calls } }).action, { data: {} }).subscribe();
    running.unsubscribe();
    expect(activity.toolsAborted).to.equal(2);
  });
});

describe('countRequests', () => {
  it('counts requests, and as aborted those that are left', () => {
    const activity: Activity = { requests: 0, requestsAborted: 0, toolsAborted: 0 };
    const backend = countRequests({ stream: () => NEVER }, activity);
    backend.stream({ messages: [] }).subscribe().unsubscribe();
    expect(activity).to.deep.equal({ requests: 1, requestsAborted: 1, toolsAborted: 0 });
  });
});
