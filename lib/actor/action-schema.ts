import type { ToolDescription } from '../backend/backend.js';
import { DONE, PARALLEL } from '../domain/action.js';
import type { JsonRecord } from '../domain/json.js';
import { jsonSchema } from '../domain/json-schema.js';
import type { DescribedTool } from './action-answer.js';

/** For parameters that nothing is known about. A server cannot keep a model to it, so the backend asks less strictly. */
const OPEN_OBJECT: JsonRecord = { type: 'object', additionalProperties: true };

const TEXT: JsonRecord = { type: 'string' };

/** Tools as a model is told of them, each with the JSON Schema of its parameters, or an open object where none can be had. */
export const describeTools = (tools: readonly DescribedTool[]): readonly ToolDescription[] =>
  tools.map(({ name, description, params }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    parameters: (params === undefined ? undefined : jsonSchema(params)) ?? OPEN_OBJECT,
  }));

const withProperties = (schema: JsonRecord): JsonRecord => ('properties' in schema ? schema : { ...schema, properties: {} });

/**
 * Tools for native calls. Servers take nothing but an object at the root of the parameters there, so any other schema,
 * a choice of objects for instance, is told in the description. Some want its properties listed, be there none.
 */
export const toNativeTools = (tools: readonly ToolDescription[]): readonly ToolDescription[] =>
  tools.map((tool) => {
    if (tool.parameters['type'] === 'object') return { ...tool, parameters: withProperties(tool.parameters) };
    const told = `Parameters, as JSON Schema: ${JSON.stringify(tool.parameters)}`;
    return { ...tool, description: [tool.description ?? '', told].join('\n').trim(), parameters: withProperties(OPEN_OBJECT) };
  });

/** A closed object that has all of `properties`, which is the only kind that strict mode takes. */
const closedObject = /* @__NO_SIDE_EFFECTS__ */ (properties: JsonRecord, more: JsonRecord = {}): JsonRecord => ({
  ...more,
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const doneBranch = closedObject({ answer: TEXT }, { title: DONE, description: 'Ends the task: what it came to.' });

const parallelBranch = (tools: readonly ToolDescription[]): JsonRecord => {
  const calls = tools.map(({ name, parameters }) => closedObject({ name: { type: 'string', const: name }, params: parameters }));
  return closedObject(
    { calls: { type: 'array', items: { anyOf: calls } } },
    { title: PARALLEL, description: 'Runs several tools side by side.' },
  );
};

const toolBranch = ({ name, description, parameters }: ToolDescription): JsonRecord => ({
  ...parameters,
  title: name,
  ...(description === undefined ? {} : { description }),
});

/**
 * The JSON Schema of an {@link ActionAnswer} for an actor with these tools; without any list of tools, names and
 * parameters are open.
 *
 * Its root is a plain object and `params` one branch a tool, DONE's and parallel's: strict mode refuses an `anyOf` at
 * the root as well as open parameters. The thought comes first, so that it streams while the rest has yet to form.
 */
export function actionSchema(tools: readonly ToolDescription[] | undefined): JsonRecord {
  if (tools === undefined) return closedObject({ thought: TEXT, name: TEXT, params: OPEN_OBJECT, expectedDelta: TEXT });
  const hasTools = tools.length > 0;
  const names = new Set([...tools.map(({ name }) => name), ...(hasTools ? [PARALLEL] : []), DONE]);
  return closedObject({
    thought: TEXT,
    name: { type: 'string', enum: [...names] },
    params: { anyOf: [...tools.map(toolBranch), ...(hasTools ? [parallelBranch(tools)] : []), doneBranch] },
    expectedDelta: TEXT,
  });
}
