using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>Reads the credentials of the peer of a Unix domain socket.</summary>
internal static class CredentialReader
{
    // sys/un.h and sys/ucred.h of macOS. A struct xucred holds a version, the user, the number of groups, and the groups.
    private const int DarwinSolLocal = 0;
    private const int DarwinLocalPeerCred = 1;
    private const int DarwinLocalPeerPid = 2;
    private const int DarwinCredentialSize = 76;
    private const int DarwinFirstGroup = 12;

    /// <summary>Gets the effective user of this process. Linux and macOS.</summary>
    public static uint OwnUserId() => Libc.GetEffectiveUserId();

    /// <exception cref="PlatformNotSupportedException">The system does not tell.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static PeerCredentials Read(IOptionTarget options)
    {
        if (OperatingSystem.IsLinux())
        {
            Span<uint> credentials = stackalloc uint[3];
            options.GetRawOption(LinuxConstants.SolSocket, LinuxConstants.SoPeerCred, MemoryMarshal.AsBytes(credentials));
            return new PeerCredentials((int)credentials[0], credentials[1], credentials[2]);
        }

        if (OperatingSystem.IsMacOS())
        {
            Span<byte> credentials = stackalloc byte[DarwinCredentialSize];
            options.GetRawOption(DarwinSolLocal, DarwinLocalPeerCred, credentials);
            Span<byte> process = stackalloc byte[sizeof(int)];
            options.GetRawOption(DarwinSolLocal, DarwinLocalPeerPid, process);
            return new PeerCredentials(
                MemoryMarshal.Read<int>(process),
                MemoryMarshal.Read<uint>(credentials[sizeof(uint)..]),
                MemoryMarshal.Read<uint>(credentials[DarwinFirstGroup..]));
        }

        throw new PlatformNotSupportedException("Reading the credentials of a peer is not supported on this system.");
    }
}
