import { CHECKS, type LintFinding } from './checks.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/**
 * Findings as a SARIF log (OASIS SARIF 2.1.0), as code hosts read them.
 *
 * @param uriOf the address of a policy file, relative to the root of the sources
 */
export function toSarif(findings: readonly LintFinding[], version: string, uriOf: (file: string) => string): object {
  const codes = [...new Set([...Object.keys(CHECKS), ...findings.map(({ code }) => code)])];
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'memwarden', semanticVersion: version, rules: codes.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ code, severity, message, file, line, column }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  };
}

function ruleOf(code: string): object {
  const check = Object.hasOwn(CHECKS, code) ? CHECKS[code as keyof typeof CHECKS] : undefined;
  const text = check?.about ?? 'The policy loader refuses the file.';
  return { id: code, shortDescription: { text }, defaultConfiguration: { level: check?.severity ?? 'error' } };
}
