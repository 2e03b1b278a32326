import type { Actor } from '../actor/actor.js';
import type { JsonRecord } from '../domain/json.js';
import type { Environment } from '../environment/environment.js';
import type { Experience } from '../experience/experience.js';
import type { PurposeFunction } from '../purpose/purpose-function.js';
import type { ApproveConfig } from './approval.js';
import type { RecallConfig } from './recall.js';
import type { BoundsConfig } from './run-bounds.js';

/** What a run is made with. */
export interface Ports<Data extends JsonRecord> extends RecallConfig, BoundsConfig<Data> {
  readonly actor: Actor<Data>;
  readonly purposeFunction: PurposeFunction<Data>;
  readonly environment: Environment<Data>;
  readonly experience: Experience<Data> | undefined;
  readonly approve: ApproveConfig | undefined;
}
