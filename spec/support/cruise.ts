import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** What the layering check saw in the `lib` of a folder, and which rule it found broken in which module. */
export interface Layering {
  readonly modules: readonly string[];
  /** `rule: module → module`, sorted; a cycle is told once. */
  readonly violations: readonly string[];
}

const isResult = (output: ICruiseResult | string): output is ICruiseResult => typeof output !== 'string';

/**
 * Holds `baseDir`/lib against the dependency rules.
 *
 * It parses with the classic compiler API, which TypeScript 7 does not have: where only 7 is to be found it sees no
 * module and finds no fault, so whoever calls it has to look at `modules` as well.
 */
export async function cruiseLib(baseDir: string): Promise<Layering> {
  const options = await extractDepcruiseOptions('./spec/support/dependency-rules.cjs');
  const { output } = await cruise(['lib'], { ...options, baseDir }, {}, { tsConfig: extractTSConfig('tsconfig.json') });
  if (!isResult(output)) throw new Error(`Expected the result of a cruise, got: ${output}`);
  return {
    modules: output.modules.map(({ source }) => source).filter((source) => source.startsWith('lib/')),
    violations: output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort(),
  };
}
