/** Where a client of the SDK would connect to. */
import type { Address } from '../core/run';

/** What every client knows about where its API is. */
export interface ApiClient {
  readonly config: {
    readonly endpoint?: () => Promise<{ readonly protocol: string; readonly hostname: string; readonly port?: number }>;
    region(): Promise<string>;
    useFipsEndpoint(): Promise<boolean>;
    useDualstackEndpoint(): Promise<boolean>;
    endpointProvider(where: { Region: string; UseFIPS: boolean; UseDualStack: boolean }): { readonly url: URL };
  };
}

export async function apiAddress({ config }: ApiClient): Promise<{ readonly address: Address; readonly tls: boolean }> {
  const given = await config.endpoint?.();
  const { protocol, hostname, port } =
    given ??
    config.endpointProvider({
      Region: await config.region(),
      UseFIPS: await config.useFipsEndpoint(),
      UseDualStack: await config.useDualstackEndpoint(),
    }).url;
  const tls = protocol === 'https:';
  return { address: { host: hostname, port: Number(port || (tls ? 443 : 80)) }, tls };
}
