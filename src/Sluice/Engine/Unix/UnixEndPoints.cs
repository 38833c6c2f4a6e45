using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Engine.Unix;

/// <summary>
/// Parses and checks the names of Unix domain sockets: a path, or on Linux an abstract name, which begins with a NUL and has no file (unix(7)).
/// </summary>
internal static class UnixEndPoints
{
    // The offset of the name in a sockaddr_un.
    private const int NameOffset = 2;

    private const string ContainsNul = "The path of a Unix domain socket cannot contain a NUL. Only an abstract name begins with one.";

    /// <summary>Gets the end point of a socket without a name. Most clients have none.</summary>
    public static UnixDomainSocketEndPoint Unnamed { get; } = CreateUnnamed();

    // sun_path has 108 bytes on Linux and Windows, 104 on macOS and the BSDs (sys/un.h, afunix.h). A path needs one for the NUL at its end.
    private static int MaxPathBytes => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() || OperatingSystem.IsWindows() ? 107 : 103;

    /// <exception cref="ArgumentException">The path is empty, too long, or holds a NUL that is not its first character.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no abstract names, or no Unix domain sockets.</exception>
    public static UnixDomainSocketEndPoint Parse(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isAbstract = path[0] == '\0';
        if (!isAbstract && path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException(ContainsNul, nameof(path));
        }

        int length = Encoding.UTF8.GetByteCount(path);
        int longest = isAbstract ? MaxPathBytes + 1 : MaxPathBytes;
        if (length > longest)
        {
            throw new ArgumentException(
                $"The path of a Unix domain socket can have at most {longest} bytes on this system, and '{path.TrimStart('\0')}' has {length}.", nameof(path));
        }

        ThrowIfUnsupported(isAbstract);
        return new UnixDomainSocketEndPoint(path);
    }

    /// <summary>
    /// Makes an end point of a <c>sockaddr_un</c> from the system. Never throws, whatever name a peer has bound. Where a path fills
    /// <c>sun_path</c> and has no NUL at its end, Linux counts one more byte than the structure has (unix(7), BUGS). This leaves that byte out.
    /// </summary>
    public static UnixDomainSocketEndPoint FromNative(ReadOnlySpan<byte> native)
    {
        native = native[..Math.Min(native.Length, NameOffset + MaxPathBytes + 1)];
        if (native.Length <= NameOffset)
        {
            return Unnamed;
        }

        var address = new SocketAddress(AddressFamily.Unix, native.Length);
        native[NameOffset..].CopyTo(address.Buffer.Span[NameOffset..]);
        return (UnixDomainSocketEndPoint)Unnamed.Create(address);
    }

    /// <exception cref="ArgumentException">It has no name, or a path that contains a NUL.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no abstract names, or no Unix domain sockets.</exception>
    public static UnixDomainSocketEndPoint Check(UnixDomainSocketEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        SocketAddress address = endPoint.Serialize();
        if (address.Size <= NameOffset)
        {
            throw new ArgumentException("The end point has no name.", nameof(endPoint));
        }

        // The system would take the part before it. Those at the end are no part of the path.
        ReadOnlySpan<byte> name = address.Buffer.Span[NameOffset..address.Size];
        if (name[0] != 0 && name.TrimEnd((byte)0).Contains((byte)0))
        {
            throw new ArgumentException(ContainsNul, nameof(endPoint));
        }

        ThrowIfUnsupported(name[0] == 0);
        return endPoint;
    }

    /// <summary>Whether it has no name, as that of a socket that is not bound.</summary>
    public static bool IsUnnamed(UnixDomainSocketEndPoint endPoint) => endPoint.Serialize().Size <= NameOffset;

    /// <summary>Gets its fully qualified path; null if it is abstract or has no name.</summary>
    public static string? PathOf(UnixDomainSocketEndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Size > NameOffset && address[NameOffset] != 0 ? Path.GetFullPath(endPoint.ToString()) : null;
    }

    private static void ThrowIfUnsupported(bool isAbstract)
    {
        if (!Socket.OSSupportsUnixDomainSockets)
        {
            throw new PlatformNotSupportedException("Unix domain sockets are not supported on this system.");
        }

        if (isAbstract && !OperatingSystem.IsLinux() && !OperatingSystem.IsAndroid())
        {
            throw new PlatformNotSupportedException("Abstract names of Unix domain sockets are supported on Linux only.");
        }
    }

    private static UnixDomainSocketEndPoint CreateUnnamed()
    {
        var address = new SocketAddress(AddressFamily.Unix, NameOffset);
        return (UnixDomainSocketEndPoint)new UnixDomainSocketEndPoint("/").Create(address);
    }
}
