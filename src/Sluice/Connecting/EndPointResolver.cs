using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Connecting.Resolving;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Connecting;

/// <summary>Resolves names to addresses.</summary>
internal static class EndPointResolver
{
    /// <exception cref="ArgumentException">The host is empty, or the port out of range.</exception>
    public static EndPoint Parse(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentOutOfRangeException(nameof(port), port, "A port is a number from 0 to 65535.");
        }

        return IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
    }

    /// <summary>Throws for an end point that is neither a name nor an IP address.</summary>
    public static void ThrowUnlessInternet(EndPoint endPoint, [CallerArgumentExpression(nameof(endPoint))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint, name);
        if (endPoint is not DnsEndPoint && endPoint.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            string family = endPoint.AddressFamily == AddressFamily.Unix ? "a Unix domain socket; use SelectorManager.Unix()" : $"the family {endPoint.AddressFamily}";
            throw new ArgumentException($"An IP address or a name is needed, and '{endPoint}' is an end point of {family}.", name);
        }
    }

    /// <summary>Throws for a local end point that is not an IP address: what is bound is not looked up.</summary>
    public static void ThrowUnlessAddress(EndPoint? local, [CallerArgumentExpression(nameof(local))] string? name = null)
    {
        if (local is DnsEndPoint)
        {
            throw new ArgumentException($"The local end point has to be an IP address, and '{local}' is a name.", name);
        }

        if (local is not null)
        {
            ThrowUnlessInternet(local, name);
        }
    }

    /// <param name="endPoint">A name or an address, and a port. A name that is an address in text is parsed without a lookup.</param>
    /// <param name="resolver">The resolver; null for the system.</param>
    /// <param name="cancellationToken">Ends the wait, even if the resolver ignores it.</param>
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static ValueTask<IReadOnlyList<EndPoint>> ResolveAsync(EndPoint endPoint, INameResolver? resolver, CancellationToken cancellationToken) =>
        endPoint is DnsEndPoint name ? LookUpAsync(name, resolver, cancellationToken) : new ValueTask<IReadOnlyList<EndPoint>>([endPoint]);

    private static async ValueTask<IReadOnlyList<EndPoint>> LookUpAsync(DnsEndPoint name, INameResolver? resolver, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> addresses;
        try
        {
            addresses = IPAddress.TryParse(name.Host, out IPAddress? literal)
                ? [literal]
                : await AskAsync(name, resolver, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // One error for all failures (no such name, no data, no answer in time, an invalid name): the caller handles them alike.
            throw new SocketException((int)SocketError.HostNotFound, $"Resolving {SocketErrors.Describe(name)}: {exception.Message}");
        }

        IEnumerable<IPAddress> wanted = addresses.Where(address => IsOf(name.AddressFamily, address)).Distinct();
        EndPoint[] endPoints = [.. wanted.Select(address => new IPEndPoint(address, name.Port))];
        return endPoints.Length > 0 ? endPoints : throw SocketErrors.At(SocketError.HostNotFound, "Resolving", name);
    }

    private static async ValueTask<IReadOnlyList<IPAddress>> AskAsync(DnsEndPoint name, INameResolver? resolver, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<IReadOnlyList<IPAddress>> asking = resolver is null
            ? AskSystemAsync(name, cancellationToken)
            : resolver.ResolveAsync(name.Host, name.AddressFamily, cancellationToken).AsTask();
        try
        {
            return await asking.EndOrCancelAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The name resolver has returned null for {SocketErrors.Describe(name)}.");
        }
        finally
        {
            if (!asking.IsCompletedSuccessfully)
            {
                // A resolver that ignores its token may fail after the wait has ended: the exception is observed here.
                _ = asking.ContinueWith(
                    static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    // On Windows, Dns uses a call that blocks no thread and can be cancelled (GetAddrInfoExW). Other systems have none.
    private static async Task<IReadOnlyList<IPAddress>> AskSystemAsync(DnsEndPoint name, CancellationToken cancellationToken) =>
        OperatingSystem.IsWindows()
            ? await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false)
            : await NameLookups.Shared.ResolveAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);

    private static bool IsOf(AddressFamily family, IPAddress? address) =>
        address is not null && (address.AddressFamily == family || family is AddressFamily.Unspecified or AddressFamily.Unknown);
}
