using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Engine.Unix;

/// <summary>The names of Unix domain sockets: a path, or on Linux an abstract name, which begins with a NUL and has no file (unix(7)).</summary>
internal static class UnixEndPoints
{
    // Where the name begins in a sockaddr_un.
    private const int NameOffset = 2;

    /// <summary>A socket that has no name, as most clients.</summary>
    public static UnixDomainSocketEndPoint Unnamed { get; } = CreateUnnamed();

    // sun_path without the NUL at the end of a path: 108 on Linux and Windows, 104 on macOS and the BSDs (sys/un.h, afunix.h).
    private static int MaxPathBytes => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() || OperatingSystem.IsWindows() ? 107 : 103;

    /// <exception cref="ArgumentException">The path is empty, too long, or holds a NUL that is not its first character.</exception>
    /// <exception cref="PlatformNotSupportedException">An abstract name, or any, where the system has none.</exception>
    public static UnixDomainSocketEndPoint Parse(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isAbstract = path[0] == '\0';
        if (!isAbstract && path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The path of a Unix domain socket cannot hold a NUL; one at its beginning makes it an abstract name.", nameof(path));
        }

        int length = Encoding.UTF8.GetByteCount(path);
        int longest = isAbstract ? MaxPathBytes + 1 : MaxPathBytes;
        if (length > longest)
        {
            throw new ArgumentException(
                $"The path of a Unix domain socket can have {longest} bytes here, and '{path.TrimStart('\0')}' has {length}.", nameof(path));
        }

        ThrowIfUnsupported(isAbstract);
        return new UnixDomainSocketEndPoint(path);
    }

    /// <summary>
    /// The end point of a <c>sockaddr_un</c> as the system gave it. Never throws, whatever name a peer has bound. A path that fills
    /// <c>sun_path</c> has no NUL at its end, and Linux counts one more byte than the structure has (unix(7), Pathname sockets): that byte is
    /// left out.
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

    /// <exception cref="ArgumentException">It has no name.</exception>
    /// <exception cref="PlatformNotSupportedException">An abstract name, or any, where the system has none.</exception>
    public static UnixDomainSocketEndPoint Check(UnixDomainSocketEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        SocketAddress address = endPoint.Serialize();
        if (address.Size <= NameOffset)
        {
            throw new ArgumentException("This end point has no name.", nameof(endPoint));
        }

        ThrowIfUnsupported(address[NameOffset] == 0);
        return endPoint;
    }

    /// <summary>Whether it has no name: it is that of a socket that is not bound.</summary>
    public static bool IsUnnamed(UnixDomainSocketEndPoint endPoint) => endPoint.Serialize().Size <= NameOffset;

    /// <summary>Its path, fully qualified; null if it is abstract or has no name.</summary>
    public static string? PathOf(UnixDomainSocketEndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Size > NameOffset && address[NameOffset] != 0 ? Path.GetFullPath(endPoint.ToString()) : null;
    }

    private static void ThrowIfUnsupported(bool isAbstract)
    {
        if (!Socket.OSSupportsUnixDomainSockets)
        {
            throw new PlatformNotSupportedException("Unix domain sockets are not supported here.");
        }

        if (isAbstract && !OperatingSystem.IsLinux() && !OperatingSystem.IsAndroid())
        {
            throw new PlatformNotSupportedException("Abstract names of Unix domain sockets need Linux.");
        }
    }

    private static UnixDomainSocketEndPoint CreateUnnamed()
    {
        var address = new SocketAddress(AddressFamily.Unix, NameOffset);
        return (UnixDomainSocketEndPoint)new UnixDomainSocketEndPoint("/").Create(address);
    }
}
