using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Proxying;

/// <summary>Connects through an HTTP proxy, with CONNECT (RFC 9110, 9.3.6) and, with credentials, Basic authentication (RFC 7617).</summary>
internal sealed class HttpConnectHop : ProxyHop
{
    /// <summary>The maximum number of bytes of the head of a response, similar to the limits of servers for requests.</summary>
    public const int MaxHeadLength = 16 * 1024;

    private const int MaxReasonLength = 200;

    private readonly string _authorization;

    /// <exception cref="ArgumentException">The user name has a colon, or one of the credentials has a control character.</exception>
    public HttpConnectHop(EndPoint proxy, NetworkCredential? credentials)
        : base(proxy)
    {
        _authorization = credentials is null ? string.Empty : $"Proxy-Authorization: Basic {Basic(credentials)}\r\n";
    }

    protected override async ValueTask AskAsync(ConnectionPreamble preamble, EndPoint target, CancellationToken cancellationToken)
    {
        string authority = ProxyTarget.Authority(target);
        byte[] request = Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{_authorization}\r\n");
        await preamble.SendAsync(request, cancellationToken).ConfigureAwait(false);
        int left = MaxHeadLength;
        while (true)
        {
            (int status, string reason, left) = await ReadHeadAsync(preamble.Input, left, cancellationToken).ConfigureAwait(false);
            switch (status)
            {
                // Any number of interim responses may precede the final one (RFC 9110, 15.2).
                case >= 100 and < 200 and not 101:
                    continue;
                case >= 200 and < 300:
                    return;
                default:
                    throw Failure(Explain(status), target, $"it responded {status} {reason}".TrimEnd() + ".", status);
            }
        }
    }

    private static async ValueTask<(int Status, string Reason, int Left)> ReadHeadAsync(ByteReadChannel input, int left, CancellationToken cancellationToken)
    {
        (string line, left) = await ReadLineAsync(input, left, cancellationToken).ConfigureAwait(false);
        (int status, string reason) = ParseStatusLine(line);
        while (line.Length > 0)
        {
            (line, left) = await ReadLineAsync(input, left, cancellationToken).ConfigureAwait(false);
        }

        return (status, reason, left);
    }

    private static async ValueTask<(string Line, int Left)> ReadLineAsync(ByteReadChannel input, int left, CancellationToken cancellationToken)
    {
        if (left <= 0)
        {
            throw new InvalidDataException($"Its head is longer than {MaxHeadLength} bytes.");
        }

        var options = new LineReadOptions { Encoding = Encoding.Latin1, MaxLength = left, RequireEnding = true };
        long before = input.TotalBytesRead;
        string line = await input.ReadLineAsync(options, cancellationToken).ConfigureAwait(false) ?? throw new EndOfStreamException();
        return (line, left - (int)(input.TotalBytesRead - before));
    }

    // HTTP/1.1 200 Connection established
    private static (int Status, string Reason) ParseStatusLine(string line)
    {
        const int statusAt = 9;
        const int reasonAt = statusAt + 3;
        bool isOne = line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= reasonAt && char.IsAsciiDigit(line[7]) && line[8] == ' '
            && (line.Length == reasonAt || line[reasonAt] == ' ');
        return isOne && int.TryParse(line.AsSpan(statusAt, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status >= 100
            ? (status, Printable(line[reasonAt..].Trim()))
            : throw new InvalidDataException($"Its first line '{Printable(line)}' is not a status line of HTTP/1.1.");
    }

    private static SocketError Explain(int status) => status switch
    {
        401 or 403 or 407 => SocketError.AccessDenied,
        404 or 502 or 503 => SocketError.HostUnreachable,
        408 or 504 => SocketError.TimedOut,
        405 or 501 => SocketError.OperationNotSupported,
        _ => SocketError.ConnectionRefused,
    };

    private static string Printable(string text) =>
        string.Concat(text.Take(MaxReasonLength).Select(character => char.IsControl(character) ? '?' : character));

    private static string Basic(NetworkCredential credentials)
    {
        string user = credentials.UserName;
        string pair = $"{user}:{credentials.Password}";
        return user.Contains(':', StringComparison.Ordinal) || pair.Any(char.IsControl)
            ? throw new ArgumentException("Basic authentication allows no colon in a user name, and no control characters (RFC 7617, 2).", nameof(credentials))
            : Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));
    }
}
