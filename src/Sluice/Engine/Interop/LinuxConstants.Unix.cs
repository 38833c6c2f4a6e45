using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

// Constants of Unix domain sockets, of passing descriptors and of adopting sockets: sys/socket.h, fcntl.h, sys/file.h, linux/stat.h.
internal static partial class LinuxConstants
{
    public const int AfUnix = 1;

    public const int SoType = 3;
    public const int SoLinger = 13;
    public const int SoAcceptConn = 30;
    public const int SoDomain = 39;

    /// <summary>SO_PEERCRED. powerpc, where the portable engine runs, has another number (asm/socket.h).</summary>
    public static int SoPeerCred => RuntimeInformation.ProcessArchitecture == Architecture.Ppc64le ? 21 : 17;

    /// <summary>The type of a control message that carries descriptors (unix(7)).</summary>
    public const int ScmRights = 1;

    /// <summary>The type of a control message that carries a descriptor of the sender's process, with SO_PASSPIDFD (linux/socket.h).</summary>
    public const int ScmPidFd = 4;

    /// <summary>The most descriptors that one message can carry (SCM_MAX_FD, unix(7)).</summary>
    public const int ScmMaxHandles = 253;

    public const int MsgControlTruncated = 0x8;
    public const int MsgControlCloExec = 0x40000000;

    public const int FSetFd = 2;
    public const int FDupFdCloExec = 1030;
    public const int FdCloExec = 1;
    public const int FioNbio = 0x5421;

    public const int OpenCloExec = 0x80000;
    public const int OpenNonBlock = 0x800;
    public const int OpenNoTerminal = 0x100;

    /// <summary>fcntl.h of macOS.</summary>
    public const int DarwinOpenCloExec = 0x1000000;

    /// <inheritdoc cref="DarwinOpenCloExec"/>
    public const int DarwinOpenNonBlock = 0x4;

    /// <inheritdoc cref="DarwinOpenCloExec"/>
    public const int DarwinOpenNoTerminal = 0x20000;

    public const int ProtRead = 1;
    public const int MapShared = 1;

    /// <summary>RWF_NOWAIT, preadv2(2).</summary>
    public const int ReadNoWait = 0x8;

    public const int LockExclusive = 2;
    public const int LockNonBlock = 4;

    public const int AtFdCwd = -100;
    public const int AtSymlinkNoFollow = 0x100;
    public const int AtEmptyPath = 0x1000;
    public const int StatxTypeAndInode = 0x1 | 0x100;

    public const short PollIn = 0x1;
    public const short PollHup = 0x10;
}
