/** Places for the requests of each tenant, so that one tenant cannot take all of them. */
export interface TenantConcurrency {
  /** Take a place; null when the tenant has none left. The returned function gives it back. */
  enter(tenant: string): (() => void) | null;
}

/** @param limit requests of one tenant at the same time, at least 1 */
export function createTenantConcurrency(limit: number): TenantConcurrency {
  const taken = new Map<string, number>();
  return {
    enter(tenant) {
      const count = taken.get(tenant) ?? 0;
      if (count >= limit) return null;
      taken.set(tenant, count + 1);
      return () => {
        const left = (taken.get(tenant) ?? 1) - 1;
        // A tenant at rest takes no memory.
        if (left === 0) taken.delete(tenant);
        else taken.set(tenant, left);
      };
    },
  };
}
