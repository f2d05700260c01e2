/**
 * Runs `undo` behind `work`, or when the process ends before that: nothing of the tool is left behind
 * if it is interrupted.
 */
export async function undoing<T>(undo: () => void, work: () => Promise<T>): Promise<T> {
  process.once('exit', undo);
  try {
    return await work();
  } finally {
    process.off('exit', undo);
    undo();
  }
}
