import { encryptedSuite } from './encrypted-suite.js';
import { paramsFast } from './params-fast.js';

encryptedSuite(paramsFast);
