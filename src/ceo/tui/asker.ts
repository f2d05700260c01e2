/** Whoever sits at the menu, as actions see them: questions become pages, notes a line on the screen. */
import { CeoError } from '../../errors.js';
import type { Attendant } from '../terminal.js';

interface Listener {
  /** Resolves to undefined if nobody wants to answer. */
  askSecret(question: string): Promise<string | undefined>;
  note(line: string): void;
}

export class Asker implements Attendant {
  readonly interactive = true;
  private listener: Listener | undefined;

  /** @returns how to stop listening */
  listen(listener: Listener): () => void {
    this.listener = listener;
    return () => {
      this.listener = undefined;
    };
  }

  /** @throws CeoError unauthenticated if nobody answers */
  async askSecret(question: string): Promise<string> {
    const answer = await this.listener?.askSecret(question);
    if (answer !== undefined) return answer;
    throw new CeoError('unauthenticated', 'You have not signed in.', {
      next: 'Try again, and give your password.',
    });
  }

  note(line: string): void {
    this.listener?.note(line);
  }
}
