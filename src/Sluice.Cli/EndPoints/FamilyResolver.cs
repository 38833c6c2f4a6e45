using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Resolves names to the addresses of one family, for <c>-4</c> and <c>-6</c>.</summary>
internal sealed class FamilyResolver(AddressFamily only) : INameResolver
{
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken) =>
        family == AddressFamily.Unspecified || family == only ? await Dns.GetHostAddressesAsync(host, only, cancellationToken) : [];
}
