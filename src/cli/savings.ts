import type { Command } from 'commander';
import type { ObjectSavings, Savings } from '../client/client.ts';
import { columns } from './columns.ts';
import { print } from './policy-lines.ts';
import { calledOrTold } from './tenant-call.ts';
import { type TenantOptions, tenantClient, withTenant } from './tenant-options.ts';

interface SavingsOptions extends TenantOptions {
  readonly region: string;
  readonly bucket: string;
  readonly json: boolean;
}

export function addSavings(command: Command): void {
  withTenant(command)
    .argument('<key...>', 'the keys of the objects')
    .requiredOption('--bucket <name>', 'its full name, with the APPID')
    .option('--region <code>', 'where it is', 'ap-shanghai')
    .option('--json', 'for programs', false)
    .action(printSavings);
}

/** Print what compression saves on objects; exit 1 when one could not be measured. */
async function printSavings(keys: readonly string[], options: SavingsOptions): Promise<void> {
  const client = tenantClient(options);
  const savings = await calledOrTold(client.savings(options, keys));
  if (savings === null) return;
  print(savings, savingsLines(savings), options);
  if (savings.objects.some((one) => 'error' in one)) process.exitCode = 1;
}

function savingsLines({ status, modes, suffixes, objects, total, note }: Savings): string[] {
  const setting = status === 'on' ? [modes.join('+'), suffixes.join('+')].join(' ').trim() : 'off';
  return [
    `the bucket is set to: ${setting}`,
    '',
    ...columns([
      ['object', 'original', 'compressed', 'saved', '%'],
      ...objects.map(objectRow),
      ['in sum', total.originalBytes, total.compressedBytes, total.savedBytes, percent(total)],
    ]),
    ...objects.flatMap((one) => ('error' in one ? [`${one.key}: ${one.error.detail}`] : [])),
    '',
    note,
  ];
}

function objectRow(one: ObjectSavings): (string | number)[] {
  if ('error' in one) return [one.key, one.error.code, '', '', ''];
  const { key, originalBytes, compressedBytes, savedBytes } = one;
  return [key, originalBytes, compressedBytes, savedBytes, percent(one)];
}

function percent({
  originalBytes,
  savedBytes,
}: {
  readonly originalBytes: number;
  readonly savedBytes: number;
}): string {
  return originalBytes === 0 ? '' : ((100 * savedBytes) / originalBytes).toFixed(1);
}
