/** What a worker by hand is to load and run. */

export const greeting = (): string => 'hello';
