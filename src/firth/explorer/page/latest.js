// Of several questions under way, only the last one's answer counts: they may come back in another order.

/** What an overtaken question is answered with. */
export const OVERTAKEN = Symbol("overtaken");

/** @returns {<T>(answer: Promise<T>) => Promise<T|typeof OVERTAKEN>} */
export function latestOnly() {
  let last = 0;
  return async (answer) => {
    const own = ++last;
    try {
      const value = await answer;
      return own === last ? value : OVERTAKEN;
    } catch (error) {
      if (own === last) throw error;
      return OVERTAKEN;
    }
  };
}
