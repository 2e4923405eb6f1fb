import { wordIn, type CompiledCues } from './cues.js';

// Shapes that their makers publish, so that they can be found. A run of the letters of a token begins at one place
// only, and the letters have nothing in common with what ends the run: one pass.
const TOKEN = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${[
    '(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])', // AWS
    'gh[pousr]_[A-Za-z0-9]{36}', // GitHub
    'github_pat_[A-Za-z0-9_]{22}',
    'glpat-[A-Za-z0-9_-]{20}', // GitLab
    'xox[abeoprs]-[A-Za-z0-9-]{10}', // Slack
    '[rs]k_(?:live|test)_[A-Za-z0-9]{10}', // Stripe
    'sk-[A-Za-z0-9_-]{20}', // OpenAI, Anthropic
    'AIza[A-Za-z0-9_-]{35}', // Google
    'ya29\\.[A-Za-z0-9_-]{20}',
    'npm_[A-Za-z0-9]{36}',
    'pypi-[A-Za-z0-9_-]{16}',
    'hf_[A-Za-z0-9]{30}', // Hugging Face
    'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16}', // SendGrid
    'eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{8}', // JSON Web Token
  ].join('|')})|-----BEGIN [A-Z ]{0,24}PRIVATE KEY`,
);
const IN_ADDRESS = /:\/\/[^\s:@/]{1,64}:[^\s@/]{1,128}@/;
// The words after a colon: three at least.
const SEVERAL_WORDS = /[:=]\s{0,3}(?:\p{L}{2,20}\s{1,3}){3}/u;
const ROOM = 72;
const WORD = '(?<quote>["\'`“]?)(?<secret>[^\\s"\'`”]{3,128})';
const NEXT = new RegExp(`^,? ${WORD}`);

/** What a text holds of secrets. */
export type SecretKind = 'secret-token' | 'password';

/** Finds passwords, keys and tokens. */
export class SecretFinder {
  readonly #cue: RegExp;
  readonly #code: RegExp;
  readonly #phrase: RegExp;
  readonly #linked: RegExp;

  constructor(cues: CompiledCues) {
    this.#cue = new RegExp(`(?<![A-Za-z0-9])(?:${cues.phrase}|${cues.code}|${cues.password})s?(?![a-z0-9])`, 'gi');
    this.#code = wordIn(cues.code);
    this.#phrase = wordIn(cues.phrase);
    // At most six words that are no secret, what links, and the word that may be one.
    const about = "(?: [a-z'’-]{1,20}){0,6}?";
    this.#linked = new RegExp(`^${about}(?<link> ?[:=]| (?:${cues.linking})(?![a-z0-9]):?) ?${WORD}`, 'i');
  }

  /** The kind of a secret of a text; a step for each word that may announce one. */
  *find(text: string): Generator<void, SecretKind | undefined> {
    if (TOKEN.test(text)) return 'secret-token';
    yield;
    if (text.includes('://') && IN_ADDRESS.test(text)) return 'password';
    for (const { 0: cue, index } of text.matchAll(this.#cue)) {
      yield;
      if (this.#tells(cue.toLowerCase(), text.slice(index + cue.length, index + cue.length + ROOM))) return 'password';
    }
    return undefined;
  }

  #tells(cue: string, after: string): boolean {
    if (this.#phrase.test(cue) && SEVERAL_WORDS.test(after)) return true;
    const isCode = this.#code.test(cue);
    return [this.#linked, NEXT].some((place) => {
      const { link = '', quote = '', secret = '' } = place.exec(after)?.groups ?? {};
      const word = secret.replace(/[.,;:)]{1,3}$/, '');
      if (isCode && /^[\d#*-]{4,12}$/.test(word) && /\d{2}/.test(word) && !/^(?:19|20)\d\d$/.test(word)) return true;
      if (isStrong(word)) return true;
      return word.length >= 4 && (quote !== '' || (/[:=]/.test(link) && !/^[a-z]+$/.test(word)));
    });
  }
}

// Nothing that is written for people: letters and digits, or signs inside of letters.
function isStrong(word: string): boolean {
  if (word.length < 6 || !/[A-Za-z]/.test(word)) return false;
  return /\d/.test(word) && !/^(?:\d+[a-z]{1,3}|v?\d+(?:\.\d+)+)$/i.test(word);
}
