using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// None of several addresses of a name accepts a connection. The message lists each with its error;
/// <see cref="SocketException.SocketErrorCode"/> is that of the last attempt that reached somebody, or else of the last.
/// </summary>
public sealed class ConnectException : SocketException
{
    internal ConnectException(EndPoint target, IReadOnlyList<ConnectAttempt> attempts)
        : base(
            (int)MostTelling(attempts),
            $"Connecting to {SocketErrors.Describe(target)}: none of {attempts.Count} addresses accepts. {string.Join("; ", attempts)}")
    {
        Attempts = attempts;
    }

    /// <summary>Each address that was tried, in the order in which they failed.</summary>
    public IReadOnlyList<ConnectAttempt> Attempts { get; }

    // A machine without IPv6 says so of each IPv6 address, which tells nothing of the other side.
    private static SocketError MostTelling(IReadOnlyList<ConnectAttempt> attempts) =>
        attempts.LastOrDefault(attempt => !IsOfThisSide(attempt.Error.SocketErrorCode), attempts[^1]).Error.SocketErrorCode;

    private static bool IsOfThisSide(SocketError error) => error is
        SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable or SocketError.NetworkDown;
}
