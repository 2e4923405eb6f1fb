import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { SRC } from './source.js';

const VALUES = [
  'ERRORS',
  'LEVELS',
  'MemwardenError',
  'createWarden',
  'isMemwardenError',
  'openTenants',
  'searchAcross',
];
const TYPES = [
  'Action',
  'ActionOf',
  'Alarm',
  'AlarmName',
  'Attribute',
  'AuditCounters',
  'AuditFinding',
  'AuditOptions',
  'AuditRecord',
  'AuditSelection',
  'AuditSinkOptions',
  'AuditTrail',
  'AuditedPrincipal',
  'ChatMessage',
  'Classification',
  'ClassifiedText',
  'Classify',
  'ConsideredRule',
  'ContextOptions',
  'CountedDifference',
  'Credential',
  'CredentialAdmin',
  'Detail',
  'Difference',
  'Disclosure',
  'DisclosureReport',
  'Door',
  'EmbedCounts',
  'EmbedOptions',
  'EmbedProgress',
  'EmbedResult',
  'EmbedderOptions',
  'ErrorCode',
  'ErrorRow',
  'Explainable',
  'Explanation',
  'ExportApproval',
  'ExportFormat',
  'ExportManifest',
  'ExportOptions',
  'ExportPrincipal',
  'ExportProgress',
  'ExportQuery',
  'ExportRequest',
  'ExportResult',
  'ExportedFile',
  'ExportedUser',
  'Finding',
  'ForEachUserOptions',
  'ForEachUserProgress',
  'ForEachUserResult',
  'Grant',
  'HistoryEntry',
  'Hit',
  'HitExplanation',
  'Issue',
  'Json',
  'Level',
  'ListOptions',
  'Memory',
  'MemoryChanges',
  'MemoryContext',
  'MemoryOptions',
  'NewApiKey',
  'NewCredential',
  'NewMemory',
  'NewSpace',
  'OnErase',
  'OpenIntent',
  'Outcome',
  'Page',
  'PageOptions',
  'Principal',
  'PurgeResult',
  'Raise',
  'ScopedMemory',
  'SearchFilter',
  'SearchOptions',
  'Selection',
  'ShadowOptions',
  'ShadowReport',
  'SharedMemory',
  'SharedReference',
  'SharedSpace',
  'SpaceAccess',
  'SpaceDisclosureReport',
  'SpaceEntry',
  'SpaceEntryOfPrincipal',
  'SpaceMember',
  'SpaceMembers',
  'SpacePage',
  'SubjectName',
  'Tenant',
  'TenantCertificate',
  'TenantPrincipal',
  'TenantState',
  'Tenants',
  'TenantsOptions',
  'User',
  'UserAct',
  'UserFailure',
  'UserPage',
  'VerifyOptions',
  'VerifyReport',
  'ViewStatistics',
  'Warden',
  'WardenOptions',
];

const index = join(SRC, 'index.ts');
const { config } = ts.readConfigFile(join(SRC, '../tsconfig.json'), (path) => ts.sys.readFile(path)) as {
  config: object;
};
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(SRC, '..'));
const program = ts.createProgram([index], { ...options, noEmit: true });
const checker = program.getTypeChecker();
const source = program.getSourceFile(index) as ts.SourceFile;
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
const meant = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

// What stands in `export type` or `export { type }` is erased: nobody can call it.
const isTypeOnly = (symbol: ts.Symbol) =>
  (symbol.declarations ?? []).some((declaration) => ts.isTypeOnlyExportDeclaration(declaration)) ||
  !(meant(symbol).flags & ts.SymbolFlags.Value);

describe('the public interface', () => {
  test('S16: the values of the package are these and no others', () => {
    expect(
      exported
        .filter((symbol) => !isTypeOnly(symbol))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(VALUES);
  });

  test('the types of the package are these and no others', () => {
    expect(
      exported
        .filter(isTypeOnly)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(TYPES);
  });

  test('S16: what is loaded has these values, neither guard nor store among them', async () => {
    expect(Object.keys((await import('../../src/index.js')) as object).sort()).toEqual(VALUES);
  });

  test('invariant 6: no public type comes from mongoose, mongodb, lmdb, CASL, the store or the policies', () => {
    const homes = exported.flatMap((symbol) =>
      (meant(symbol).declarations ?? []).map((one) => one.getSourceFile().fileName),
    );
    expect(homes.filter((home) => /node_modules|\/src\/(?:store|policy|crypto|audit)\//.test(home))).toEqual([]);
    expect(homes).toHaveLength(VALUES.length + TYPES.length);
  });

  test('every public name, and every method of a public class, is documented', () => {
    const isDocumented = (declaration: ts.Node) => ts.getJSDocCommentsAndTags(declaration).length > 0;
    const members = (declaration: ts.Node): ts.Node[] =>
      ts.isClassDeclaration(declaration)
        ? declaration.members.filter(
            (member) => (ts.isMethodDeclaration(member) || ts.isGetAccessor(member)) && isPublic(member),
          )
        : [];
    const bare = exported.flatMap((symbol) => {
      const declarations = meant(symbol).declarations ?? [];
      const named = declarations.some((one) => isDocumented(one)) ? [] : [symbol.name];
      const inside = declarations.flatMap(members).filter((member) => !isDocumentedOnce(member, isDocumented));
      return [...named, ...inside.map((member) => `${symbol.name}.${nameOf(member)}`)];
    });
    expect(bare).toEqual([]);
  });
});

function isPublic(member: ts.ClassElement): boolean {
  if (member.name && ts.isPrivateIdentifier(member.name)) return false;
  return !(ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));
}

// One comment serves all overloads of a method.
function isDocumentedOnce(member: ts.Node, isDocumented: (node: ts.Node) => boolean): boolean {
  const siblings = ts.isClassDeclaration(member.parent) ? member.parent.members : [];
  return siblings.some((other) => nameOf(other) === nameOf(member) && isDocumented(other));
}

function nameOf(member: ts.Node): string {
  const { name } = member as ts.ClassElement;
  return name?.getText() ?? '';
}
