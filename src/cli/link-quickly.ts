import { type ResolveFnOutput, type ResolveHookSync, registerHooks } from 'node:module';

/**
 * Import a program's modules without asking the file system again at every `import` that leads to
 * them. Node resolves a name anew for each file that says it (over two thousand times for a
 * start); here a relative path means the file beside it, whoever names it.
 * @param load an `import()`; its modules are linked before it returns, and run afterwards
 */
export function linkQuickly<Module>(load: () => Promise<Module>): Promise<Module> {
  const hooks = registerHooks({ resolve });
  try {
    return load();
  } finally {
    // INVARIANT: what runs finds its modules as ever; `require` would be slower through this.
    hooks.deregister();
  }
}

/** What files are, by directory and ending: it follows from the `package.json` above them. */
const formats = new Map<string, string>();

/** Libraries of ES modules, by the name that files of ours say. */
const libraries = new Map<string, ResolveFnOutput>();

const resolve: ResolveHookSync = (specifier, context, next) => {
  const { parentURL = '' } = context;
  if (specifier.startsWith('node:')) return at(specifier, 'builtin');
  if (specifier.startsWith('.')) {
    const url = withoutLanguages(new URL(specifier, parentURL).href);
    const kind = url.slice(0, url.lastIndexOf('/') + 1) + url.slice(url.lastIndexOf('.'));
    const format = formats.get(kind);
    if (format !== undefined) return at(url, format);
    const found = next(url, context);
    if (found.url === url && isModule(found)) formats.set(kind, found.format);
    return found;
  }
  // A library may find another one in a version of its own.
  if (parentURL.includes('/node_modules/')) return next(specifier, context);
  const library = libraries.get(specifier);
  if (library !== undefined) return at(library.url, library.format);
  const found = next(specifier, context);
  if (isModule(found)) libraries.set(specifier, found);
  return found;
};

function at(url: string, format: ResolveFnOutput['format']): ResolveFnOutput {
  return { url, format, shortCircuit: true };
}

function isModule(found: ResolveFnOutput): found is ResolveFnOutput & { format: string } {
  return found.format?.startsWith('module') === true;
}

/** Zod names its messages in sixty languages, of which it is asked for one. */
function withoutLanguages(url: string): string {
  return url.replace(/(?<=\/zod\/v4\/locales\/)index\.js$/, 'en.js');
}
