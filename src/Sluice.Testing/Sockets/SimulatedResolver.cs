using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Sockets;

/// <summary>Resolves the names of a simulated network.</summary>
internal sealed class SimulatedResolver(SimulatedNetwork network, SimulatedTime time) : INameResolver
{
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
    {
        await time.Delay(TimeSpan.FromTicks(network.Latency.Draw(network.Draws)), cancellationToken).ConfigureAwait(false);
        IPAddress[] addresses = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.IPv6Loopback, IPAddress.Loopback] : network.Resolve(host);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }
}
