using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Numbers of the Linux ABI (asm-generic, which x64, arm64, riscv64 and loongarch64 share): sys/epoll.h, sys/socket.h, netinet/tcp.h.</summary>
internal static partial class LinuxConstants
{
    public const int SockStream = 1;
    public const int SockNonBlock = 0x800;
    public const int SockCloExec = 0x80000;

    public const int SolSocket = 1;
    public const int SoError = 4;

    public const int IpProtoTcp = 6;
    public const int TcpNoDelay = 1;
    public const int TcpInfo = 11;
    public const int IpProtoIPv6 = 41;
    public const int IPv6Only = 26;

    /// <summary>TCP_SYN_SENT, as <see cref="TcpStateClose"/>.</summary>
    public const byte TcpStateSynSent = 2;

    /// <summary>TCP_CLOSE, the first byte of a struct tcp_info.</summary>
    public const byte TcpStateClose = 7;

    /// <summary>SIOCOUTQ, which is TIOCOUTQ. powerpc, where the portable engine runs, encodes a size into it (asm/ioctls.h).</summary>
    public static nuint SioCOutQ => RuntimeInformation.ProcessArchitecture == Architecture.Ppc64le ? 0x40047473 : (nuint)0x5411;

    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;

    public const int ShutRead = 0;
    public const int ShutWrite = 1;

    public const int EpollCloExec = 0x80000;
    public const int EpollCtlAdd = 1;
    public const int EpollCtlDel = 2;
    public const uint EpollIn = 0x1;
    public const uint EpollPri = 0x2;
    public const uint EpollOut = 0x4;
    public const uint EpollErr = 0x8;
    public const uint EpollHup = 0x10;
    public const uint EpollRdHup = 0x2000;
    public const uint EpollEdgeTriggered = 1u << 31;

    public const int PipeNonBlock = 0x800;
    public const int PipeCloExec = 0x80000;

    public const uint SpliceMove = 1;
    public const uint SpliceNonBlock = 2;

    public const int EventFdNonBlock = 0x800;
    public const int EventFdCloExec = 0x80000;
}
