#!/usr/bin/env node
// Compiled code is kept between starts, which halves their time; in a place that is ours, because
// it is code. This is JavaScript so that a start that finds all of it there strips types of nothing.
import module from 'node:module';
import { join } from 'node:path';

module.enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/slimgate'));
const { runProgram } = await import('../src/cli/run-program.ts');
await runProgram(process.argv.slice(2));
