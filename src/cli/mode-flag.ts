import { Option } from 'commander';

/** The flag that says how a search ranks. */
export function modeOption(): Option {
  return new Option('--mode <mode>', 'by words, by meaning, or both; by words where no embedder is configured').choices(
    ['lexical', 'semantic', 'hybrid'],
  );
}
