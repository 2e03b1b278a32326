import { describe, it } from '@jest/globals';
import { exampleTests } from '../example.js';

exampleTests({ describe, it });
