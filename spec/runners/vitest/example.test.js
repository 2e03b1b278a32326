import { describe, it } from 'vitest';
import { exampleTests } from '../example.js';

exampleTests({ describe, it });
