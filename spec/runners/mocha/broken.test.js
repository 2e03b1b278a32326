import { describe, it } from 'mocha';
import { brokenTests } from '../broken.js';

brokenTests({ describe, it });
