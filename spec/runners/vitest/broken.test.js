import { describe, it } from 'vitest';
import { brokenTests } from '../broken.js';

brokenTests({ describe, it });
