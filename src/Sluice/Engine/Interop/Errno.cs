using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Linux error numbers (errno(3), asm-generic), and their translation to <see cref="SocketError"/>.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int Invalid = 22;
    public const int NoSystemCall = 38;
    public const int Overflow = 75;
    public const int MessageTooLong = 90;
    public const int TooManyReferences = 109;
    public const int ConnectionRefused = 111;
    public const int InProgress = 115;

    // The first call of GetLastSystemError loads a library, which overwrites errno. It has to come before the first system call that fails.
    static Errno() => _ = Marshal.GetLastSystemError();

    /// <summary>Gets the error of the system call before this one. Valid right after a call that failed.</summary>
    public static int Last() => Marshal.GetLastSystemError();

    /// <summary>
    /// Whether a signal interrupted the system call before this one, so that the caller has to repeat it (signal(7)).
    /// </summary>
    /// <param name="result">The result of the call; negative if it failed.</param>
    /// <param name="errno">The error; 0 if the call succeeded.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInterrupted(nint result, out int errno)
    {
        errno = result >= 0 ? 0 : Last();
        return errno == Interrupted;
    }

    /// <summary>Gets the error of the system call before this one, which returns 0 for success.</summary>
    public static SocketError ResultOf(int returned) => returned == 0 ? SocketError.Success : LastError();

    /// <inheritdoc cref="Last"/>
    public static SocketError LastError() => ToSocketError(Last());

    public static SocketError ToSocketError(int errno) => errno == 0 ? SocketError.Success : Translate(errno);

    private static SocketError Translate(int errno) => errno switch
    {
        NotPermitted or 13 => SocketError.AccessDenied, // EACCES
        Interrupted => SocketError.Interrupted,
        BadDescriptor => SocketError.OperationAborted,
        Again => SocketError.WouldBlock,
        12 or 28 or 105 => SocketError.NoBufferSpaceAvailable, // ENOMEM, ENOSPC (epoll_ctl(2): max_user_watches is reached), ENOBUFS
        14 => SocketError.Fault,
        2 or Invalid or 20 => SocketError.InvalidArgument, // ENOENT, ENOTDIR
        23 or 24 => SocketError.TooManyOpenSockets, // ENFILE, EMFILE
        32 => SocketError.Shutdown, // EPIPE
        71 => SocketError.ConnectionReset, // EPROTO
        88 => SocketError.NotSocket,
        89 => SocketError.DestinationAddressRequired,
        90 => SocketError.MessageSize,
        91 => SocketError.ProtocolType,
        92 => SocketError.ProtocolOption,
        93 => SocketError.ProtocolNotSupported,
        94 => SocketError.SocketNotSupported,
        95 => SocketError.OperationNotSupported,
        96 => SocketError.ProtocolFamilyNotSupported,
        97 => SocketError.AddressFamilyNotSupported,
        98 => SocketError.AddressAlreadyInUse,
        99 => SocketError.AddressNotAvailable,
        100 => SocketError.NetworkDown,
        64 or 101 => SocketError.NetworkUnreachable, // ENONET, ENETUNREACH
        102 => SocketError.NetworkReset,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        106 => SocketError.IsConnected,
        107 => SocketError.NotConnected,
        108 => SocketError.Shutdown,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        114 => SocketError.AlreadyInProgress,
        InProgress => SocketError.InProgress,
        125 => SocketError.OperationAborted, // ECANCELED
        _ => SocketError.SocketError,
    };
}
