using System.Globalization;
using System.Net;

namespace Sluice.Cli.EndPoints;

/// <summary>Joins a host and a port that stand apart on the command line.</summary>
internal static class AddressTokens
{
    /// <summary>Turns <c>host port</c> into <c>host:port</c>. A host alone is never an end point, so the port that follows belongs to it.</summary>
    public static IReadOnlyList<string> Join(IReadOnlyList<string> tokens)
    {
        var joined = new List<string>();
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i + 1 < tokens.Count && IsPort(tokens[i + 1]) && IsHost(tokens[i]))
            {
                joined.Add($"{InBrackets(tokens[i])}:{tokens[++i]}");
            }
            else
            {
                joined.Add(tokens[i]);
            }
        }

        return joined;
    }

    private static bool IsPort(string token) => uint.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsHost(string token)
    {
        string host = HostOf(token);
        return host.Length > 0 && !token.StartsWith('-') && !IsPort(host) && !host.Contains('/') && (!host.Contains(':') || IPAddress.TryParse(host, out _));
    }

    private static string HostOf(string token)
    {
        int scheme = token.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? token : token[(scheme + 3)..];
    }

    private static string InBrackets(string token)
    {
        string host = HostOf(token);
        return host.Contains(':') && !host.StartsWith('[') ? $"{token[..^host.Length]}[{host}]" : token;
    }
}
