/** A file with a key-encryption key, on this machine. */
export interface LocalKmsSettings {
  readonly kind: 'local';
  readonly path: string;
  /** Further key files that open what was wrapped under them; nothing is wrapped under these, and none is ever made. */
  readonly previous?: readonly string[];
}

/** A symmetric key of AWS KMS. Credentials come from the default chain of the AWS SDK. */
export interface AwsKmsSettings {
  readonly kind: 'aws-kms';
  /** Key id or key ARN; an alias is refused, because it can be pointed at another key. */
  readonly keyId: string;
  /** Further keys that open what was wrapped under them. */
  readonly previous?: readonly string[];
  /** From the key ARN where none is given, else from the SDK's own settings (AWS_REGION). */
  readonly region?: string;
  readonly endpoint?: string;
}

/** A key of HashiCorp Vault's Transit engine, or of OpenBao's. */
export interface VaultTransitSettings {
  readonly kind: 'vault-transit';
  readonly address: string;
  readonly mount: string;
  readonly key: string;
  readonly namespace?: string;
  /** Else VAULT_TOKEN_FILE, VAULT_TOKEN. */
  readonly token?: string;
  /** A file with the token, read anew for every call, so that whoever renews it may replace it. */
  readonly tokenFile?: string;
}

/** Which key-encryption key, and where it lies. */
export type KmsSettings = LocalKmsSettings | AwsKmsSettings | VaultTransitSettings;
