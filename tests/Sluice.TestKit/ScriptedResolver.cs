using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>A resolver that answers what a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedResolver(Func<string, AddressFamily, CancellationToken, ValueTask<IReadOnlyList<IPAddress>>> answer) : INameResolver
{
    public ScriptedResolver(params string[] addresses)
        : this((_, _, _) => new ValueTask<IReadOnlyList<IPAddress>>([.. addresses.Select(IPAddress.Parse)]))
    {
    }

    public ConcurrentQueue<(string Host, AddressFamily Family)> Asked { get; } = new();

    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, AddressFamily family, CancellationToken cancellationToken)
    {
        Asked.Enqueue((host, family));
        return answer(host, family, cancellationToken);
    }
}
