using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice;

/// <summary>
/// The exception that is thrown when the attempts to connect to all of several addresses of a name failed. The message lists each address with its error.
/// <see cref="SocketException.SocketErrorCode"/> is the last error of another machine or the network, or otherwise the last error.
/// </summary>
public sealed class ConnectException : SocketException
{
    internal ConnectException(EndPoint target, IReadOnlyList<ConnectAttempt> attempts)
        : base(
            (int)MostInformative(attempts),
            $"Connecting to {SocketErrors.Describe(target)}: none of {attempts.Count} addresses accepts. {string.Join("; ", attempts)}")
    {
        Attempts = attempts;
    }

    /// <summary>Gets the attempts, in the order in which they failed.</summary>
    public IReadOnlyList<ConnectAttempt> Attempts { get; }

    // On a machine without IPv6, every IPv6 address fails with an error of this side, which says nothing about the target.
    private static SocketError MostInformative(IReadOnlyList<ConnectAttempt> attempts) =>
        attempts.LastOrDefault(attempt => !IsLocalError(attempt.Error.SocketErrorCode), attempts[^1]).Error.SocketErrorCode;

    private static bool IsLocalError(SocketError error) => error is
        SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable or SocketError.NetworkDown;
}
