/** Which siblings of a child that has ended are stopped and started again with it. */

export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one';

/** The group that is restarted, of children in start order, the dead one included. */
export function restartGroup<C>(strategy: Strategy, children: Iterable<C>, dead: C): readonly C[] {
  switch (strategy) {
    case 'one_for_one':
      return [dead];
    case 'one_for_all':
      return [...children];
    case 'rest_for_one': {
      const all = [...children];
      return all.slice(all.indexOf(dead));
    }
  }
}
