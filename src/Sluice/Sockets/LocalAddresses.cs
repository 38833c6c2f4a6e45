using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>Binds to local addresses on machines that may lack an address family: without IPv6, or without an IPv6 address.</summary>
internal static class LocalAddresses
{
    // The port that the system picks for one family may be in use in the other.
    private const int MaxTries = 32;

    /// <summary>Gets whether an end point is <c>localhost</c> (RFC 6761, 6.3), which is bound in both families and without a lookup.</summary>
    public static bool IsLocalhost(EndPoint endPoint)
    {
        if (endPoint is not DnsEndPoint name)
        {
            return false;
        }

        string host = name.Host.TrimEnd('.');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Binds to the first end point whose address exists on this machine. <c>::</c> becomes <c>0.0.0.0</c> where there is no IPv6.</summary>
    /// <param name="endPoints">The end points: at least one.</param>
    /// <param name="isIPv6Only">Whether IPv4 is excluded.</param>
    /// <param name="logger">Logs that IPv4 was bound instead.</param>
    /// <param name="bind">Binds to one end point.</param>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static T BindFirst<T>(IReadOnlyList<EndPoint> endPoints, bool isIPv6Only, ILogger logger, Func<EndPoint, T> bind)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return bind(endPoints[i]);
            }
            catch (SocketException exception) when (IsMissing(exception))
            {
                if (endPoints[i] is IPEndPoint any && any.Address.Equals(IPAddress.IPv6Any) && !isIPv6Only)
                {
                    var instead = new IPEndPoint(IPAddress.Any, any.Port);
                    T bound = bind(instead);
                    logger.BoundToIPv4Instead(any, instead);
                    return bound;
                }

                if (i + 1 == endPoints.Count)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Listens at both loopback addresses and one port; at one address only where the other is missing.</summary>
    /// <exception cref="SocketException">The system refuses. One missing address is not an error.</exception>
    public static ListenerTransport ListenAtLocalhost(SocketEngine engine, DnsEndPoint name, TcpListenerOptions options)
    {
        bool wantsV4 = name.AddressFamily != AddressFamily.InterNetworkV6 && !options.IPv6Only;
        bool wantsV6 = name.AddressFamily != AddressFamily.InterNetwork;
        if (!wantsV4 || !wantsV6)
        {
            return engine.Bind(new IPEndPoint(wantsV4 ? IPAddress.Loopback : IPAddress.IPv6Loopback, name.Port), options);
        }

        for (int tries = 1; ; tries++)
        {
            if (TryListenAtBoth(engine, name.Port, options, isLastTry: tries == MaxTries || name.Port != 0) is { } listener)
            {
                return listener;
            }
        }
    }

    // Null if the port that the system picked for IPv4 is in use in IPv6.
    private static ListenerTransport? TryListenAtBoth(SocketEngine engine, int port, TcpListenerOptions options, bool isLastTry)
    {
        ListenerTransport? v4 = TryListen(engine, new IPEndPoint(IPAddress.Loopback, port), options, out SocketException? missingV4);
        if (v4 is null)
        {
            ListenerTransport alone = engine.Bind(new IPEndPoint(IPAddress.IPv6Loopback, port), options);
            engine.Logger.LocalhostIncomplete(alone.LocalEndPoint, missingV4!.Message);
            return alone;
        }

        try
        {
            var other = new IPEndPoint(IPAddress.IPv6Loopback, ((IPEndPoint)v4.LocalEndPoint).Port);
            if (TryListen(engine, other, options, out SocketException? missingV6) is { } v6)
            {
                return new JointListener([v4, v6]);
            }

            engine.Logger.LocalhostIncomplete(v4.LocalEndPoint, missingV6!.Message);
            return v4;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && !isLastTry)
        {
            v4.Close();
            return null;
        }
        catch
        {
            v4.Close();
            throw;
        }
    }

    private static ListenerTransport? TryListen(SocketEngine engine, EndPoint endPoint, TcpListenerOptions options, out SocketException? missing)
    {
        missing = null;
        try
        {
            return engine.Bind(endPoint, options);
        }
        catch (SocketException exception) when (IsMissing(exception))
        {
            missing = exception;
            return null;
        }
    }

    // EAFNOSUPPORT of socket(2), and EADDRNOTAVAIL of bind(2).
    private static bool IsMissing(SocketException exception) => exception.SocketErrorCode is
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported or SocketError.AddressNotAvailable;
}
