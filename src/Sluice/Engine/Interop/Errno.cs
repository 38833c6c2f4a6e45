using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Linux error numbers (errno(3), asm-generic) and the <see cref="SocketError"/> each stands for.</summary>
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

    // Bound before the first call that fails: binding it between that call and the question would ask the loader's errno.
    static Errno() => _ = Marshal.GetLastSystemError();

    /// <summary>Why the call before this one failed. To be asked at once, and only then.</summary>
    public static int Last() => Marshal.GetLastSystemError();

    /// <summary>
    /// Whether a signal interrupted the call that returned <paramref name="result"/>, so that it has to be made again (signal(7)). To be asked at
    /// once after the call.
    /// </summary>
    /// <param name="result">What the call returned; negative if it failed.</param>
    /// <param name="errno">Why it failed; 0 if it did not.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInterrupted(nint result, out int errno)
    {
        errno = result >= 0 ? 0 : Last();
        return errno == Interrupted;
    }

    /// <summary>What the call before this one ended with, if it is one that returns 0 for success. To be asked at once.</summary>
    public static SocketError ResultOf(int returned) => returned == 0 ? SocketError.Success : LastError();

    /// <summary>As <see cref="Last"/>.</summary>
    public static SocketError LastError() => ToSocketError(Last());

    public static SocketError ToSocketError(int errno) => errno == 0 ? SocketError.Success : Translate(errno);

    private static SocketError Translate(int errno) => errno switch
    {
        NotPermitted or 13 => SocketError.AccessDenied, // EACCES
        Interrupted => SocketError.Interrupted,
        BadDescriptor => SocketError.OperationAborted,
        Again => SocketError.WouldBlock,
        12 or 28 or 105 => SocketError.NoBufferSpaceAvailable, // ENOMEM, ENOSPC (epoll_ctl: as many sockets watched as may be), ENOBUFS
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
