import { createHash } from 'crypto';

import { sha256 } from '../sha256';

it.each(['', 'print("é 🐍")', 'x'.repeat(1000)])(
  'is the hash of the UTF-8 bytes of %j',
  text => {
    const expected = createHash('sha256').update(text, 'utf8').digest('hex');
    expect(sha256(text)).toBe(expected);
  }
);
