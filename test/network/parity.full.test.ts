import { paritySuite } from './parity.js';

paritySuite(() => true, 100);
