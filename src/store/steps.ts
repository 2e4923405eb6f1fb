/**
 * Called between the steps of an act that writes several documents. Tests stop or kill the process there; a store in
 * use passes `noSteps`.
 */
export type Steps = (name: string) => void | Promise<void>;

export const noSteps: Steps = () => undefined;
