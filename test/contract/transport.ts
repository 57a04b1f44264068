/** What every transport between actor systems must keep. */

import { afterEach, beforeEach, describe } from 'vitest';
import { type Ground, verbsOn } from './ground.ts';
import { groupsContract } from './transport-groups.ts';
import { oddValuesContract } from './transport-odd-values.ts';
import { requestsContract } from './transport-requests.ts';
import { signalsContract } from './transport-signals.ts';
import { valuesContract } from './transport-values.ts';

export function transportContract(title: string, makeGround: () => Promise<Ground>): void {
  describe(title, () => {
    let made: Ground;
    beforeEach(async () => {
      made = await makeGround();
    });
    afterEach(() => made.close());
    /** That of the test that runs. */
    const ground: Ground = {
      get here() {
        return made.here;
      },
      get there() {
        return made.there;
      },
      at: (body) => made.at(body),
      over: (asked) => made.over(asked),
      cut: () => made.cut(),
      close: () => made.close(),
    };
    const verbs = verbsOn(ground);
    valuesContract(ground, verbs);
    oddValuesContract(ground, verbs);
    signalsContract(ground, verbs);
    requestsContract(ground, verbs);
    groupsContract(ground, verbs);
  });
}
