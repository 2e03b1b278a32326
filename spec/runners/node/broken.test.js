import { describe, it } from 'node:test';
import { brokenTests } from '../broken.js';

brokenTests({ describe, it });
