using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace Sluice.Cli;

/// <summary>An address on the command line: <c>host:port</c>, <c>[::1]:port</c>, <c>:port</c>.</summary>
internal readonly record struct HostAndPort(string Host, int Port)
{
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Parses the address of a listener; <c>:port</c> or just a port means all IPv4 addresses.</summary>
    public static HostAndPort? ParseListener(ArgumentResult result) => Parse(result, hostIfNone: "0.0.0.0");

    /// <summary>Parses the address of a server; the host is required.</summary>
    public static HostAndPort? ParseTarget(ArgumentResult result) => Parse(result, hostIfNone: null);

    private static HostAndPort? Parse(ArgumentResult result, string? hostIfNone)
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text, hostIfNone, out HostAndPort parsed))
        {
            return parsed;
        }

        // The parser takes an unknown option for the argument.
        result.AddError(text.StartsWith('-') ? $"There is no option '{text}'."
            : hostIfNone is null ? $"'{text}' is not HOST:PORT."
            : $"'{text}' is not HOST:PORT, :PORT or PORT.");
        return null;
    }

    /// <summary>Parses <paramref name="text"/>. An IPv6 address needs brackets.</summary>
    internal static bool TryParse(string text, string? hostIfNone, out HostAndPort parsed)
    {
        parsed = default;
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? string.Empty : text[..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
        {
            return false;
        }

        if (host.Length == 0)
        {
            host = hostIfNone ?? string.Empty;
        }
        else if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out _))
            {
                return false;
            }
        }
        else if (host.Contains(':'))
        {
            return false;
        }

        parsed = new HostAndPort(host, port);
        return host.Length > 0;
    }
}
