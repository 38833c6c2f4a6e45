using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>A resolver that never answers, and whose calls end inside of the cancellation of their token.</summary>
internal sealed class SilentResolver : INameResolver
{
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        return [];
    }
}
