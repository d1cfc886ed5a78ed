#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';

// Compiled code is kept between starts, which halves their time; in a place that is ours, because
// it is code. Everything else is imported after it.
module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/slimgate'));
const { runProgram } = await import('./run-program.ts');
await runProgram(process.argv.slice(2));
