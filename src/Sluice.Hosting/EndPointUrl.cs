using System.Globalization;
using System.Net;

namespace Sluice.Hosting;

/// <summary>The parts of a <see cref="SocketEndPointOptions.Url"/>.</summary>
internal readonly record struct EndPointUrl(EndPointKind Kind, string Host, int Port)
{
    private const string UnixScheme = "unix:";

    /// <summary>Parses a URL.</summary>
    /// <returns>Its parts; null if it is invalid.</returns>
    public static EndPointUrl? TryParse(string url)
    {
        if (url.StartsWith(UnixScheme, StringComparison.OrdinalIgnoreCase))
        {
            string path = url[UnixScheme.Length..];
            path = path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
            return path.Length == 0 ? null : new EndPointUrl(EndPointKind.Unix, path[0] == '@' ? $"\0{path[1..]}" : path, 0);
        }

        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        int colon = url.LastIndexOf(':');
        if (scheme < 0 || colon <= scheme + 3
            || !int.TryParse(url.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
        {
            return null;
        }

        EndPointKind? kind = url[..scheme].ToUpperInvariant() switch
        {
            "TCP" => EndPointKind.Tcp,
            "TLS" => EndPointKind.Tls,
            "UDP" => EndPointKind.Udp,
            _ => null,
        };
        string host = url[(scheme + 3)..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (kind is null || (host.Contains(':', StringComparison.Ordinal) && !bracketed))
        {
            return null;
        }

        return new EndPointUrl(kind.Value, host == "*" ? "::" : bracketed ? host[1..^1] : host, port);
    }
}
