import { describe, it } from '@jest/globals';
import { brokenTests } from '../broken.js';

brokenTests({ describe, it });
