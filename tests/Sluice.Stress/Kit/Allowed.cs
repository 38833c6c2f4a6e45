namespace Sluice.Stress.Kit;

/// <summary>How an operation may end beside success.</summary>
[Flags]
internal enum Allowed
{
    None = 0,

    /// <summary><see cref="ObjectDisposedException"/>: this side was closed.</summary>
    Closed = 1,

    /// <summary><see cref="IOException"/>: the peer reset or went away.</summary>
    Peer = 2,

    /// <summary><see cref="OperationCanceledException"/> with the caller's token.</summary>
    Canceled = 4,

    /// <summary><see cref="System.Net.Sockets.SocketException"/>: connecting or accepting failed.</summary>
    Socket = 8,

    /// <summary><see cref="InvalidOperationException"/>: another operation is in progress.</summary>
    Busy = 16,

    /// <summary><see cref="System.Security.Authentication.AuthenticationException"/>: a handshake failed.</summary>
    Handshake = 32,
}
