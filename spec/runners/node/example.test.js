import { describe, it } from 'node:test';
import { exampleTests } from '../example.js';

exampleTests({ describe, it });
