import { generateKeyPairSync, sign } from 'node:crypto';

export interface CertificateOptions {
  /** The host that it speaks for. */
  readonly host: string;
  readonly notAfter?: Date;
}

/** A certificate that signs itself, made here because no program for it may be installed. */
export function makeCertificate({ host, notAfter = inDays(1) }: CertificateOptions) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = seq(set(seq(oid('550403'), der(0x0c, Buffer.from(host.slice(0, 60))))));
  const extension = (id: string, value: Buffer) => seq(oid(id), der(0x04, value));
  const toBeSigned = seq(
    der(0xa0, integer(2)),
    integer(1),
    ECDSA_WITH_SHA256,
    name,
    seq(utcTime(inDays(-2)), utcTime(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      seq(
        extension('551d11', seq(der(0x82, Buffer.from(host)))), // subjectAltName
        extension('551d13', seq(der(0x01, Buffer.from([0xff])))), // basicConstraints: CA
      ),
    ),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)]);
  const certificate = seq(toBeSigned, ECDSA_WITH_SHA256, der(0x03, signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Source: ITU-T X.690, section 8.1: tag, length, value. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

const seq = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]) => der(0x31, Buffer.concat(parts));
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number) => der(0x02, Buffer.from([value]));
const ECDSA_WITH_SHA256 = seq(oid('2a8648ce3d040302'));

function utcTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

export function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
