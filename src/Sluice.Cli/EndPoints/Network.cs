using System.Net;
using System.Net.Sockets;
using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>The engine and the address family that the command line asks for.</summary>
internal readonly record struct Network(SelectorEngine Engine = SelectorEngine.Auto, AddressFamily Family = AddressFamily.Unspecified)
{
    /// <summary>Creates a selector manager.</summary>
    /// <param name="loops">The number of loops; null for the default.</param>
    /// <param name="refusals">Reports the clients that listeners refuse; null to say nothing of them.</param>
    /// <param name="spin">How long loops poll before they sleep; null for the default.</param>
    public SelectorManager CreateSelector(int? loops = 1, ErrorOutput? refusals = null, TimeSpan? spin = null)
    {
        SelectorOptions options = SelectorOptions(loops);
        options.SpinDuration = spin ?? options.SpinDuration;
        options.LoggerFactory = refusals is null ? options.LoggerFactory : new RefusalLogger(refusals);
        return new SelectorManager(options);
    }

    /// <summary>Creates the options of a selector manager.</summary>
    /// <param name="loops">The number of loops; null for the default.</param>
    public SelectorOptions SelectorOptions(int? loops)
    {
        var options = new SelectorOptions { Engine = Engine, NameResolver = Family == AddressFamily.Unspecified ? null : new FamilyResolver(Family) };
        options.LoopCount = loops ?? options.LoopCount;
        return options;
    }

    /// <summary>Looks up the addresses of an end point.</summary>
    /// <exception cref="IOException">The name has none.</exception>
    public async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(Address address, CancellationToken cancellationToken)
    {
        string host = HostOf(address);
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, Family, cancellationToken);
            return addresses.Length > 0 ? [.. addresses.Select(one => new IPEndPoint(one, address.Number))] : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new IOException($"Resolving {address.HostAndPort}: {Failures.MessageOf(exception)}", exception);
        }
    }

    /// <summary>Gets the host to use for an address: <c>-6</c> turns "all IPv4 addresses" into all IPv6 addresses.</summary>
    /// <exception cref="ArgumentException">The host is an address of the other family.</exception>
    public string HostOf(Address address)
    {
        if (Family == AddressFamily.Unspecified || !IPAddress.TryParse(address.Host, out IPAddress? literal) || literal.AddressFamily == Family)
        {
            return address.Host;
        }

        return address.Host == Address.AnyHost
            ? IPAddress.IPv6Any.ToString()
            : throw new ArgumentException($"{address} is not an {(Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address.");
    }
}
