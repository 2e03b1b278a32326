import { describe, it } from 'mocha';
import { exampleTests } from '../example.js';

exampleTests({ describe, it });
