using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens the descriptors that this process has inherited.</summary>
internal static class Descriptors
{
    /// <summary>Gets a value indicating whether the descriptor is a socket, and not a file, a pipe or a terminal.</summary>
    /// <exception cref="IOException">The descriptor is not open.</exception>
    public static bool IsSocket(int descriptor)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException($"fd:{descriptor}: Windows has no descriptors.");
        }

        ThrowIfClosed(descriptor);
        try
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NotSocket)
        {
            return false;
        }
        catch (SocketException exception)
        {
            throw new IOException($"fd:{descriptor}: {exception.Message}", exception);
        }
    }

    /// <summary>Takes over a descriptor that is a socket.</summary>
    public static Socket OpenSocket(int descriptor) => IsSocket(descriptor)
        ? new Socket(new SafeSocketHandle(descriptor, ownsHandle: true))
        : throw new IOException($"fd:{descriptor} is not a socket.");

    /// <summary>Opens a descriptor that is no socket, for reading and writing as far as it can.</summary>
    public static StreamLink OpenFile(int descriptor)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return new StreamLink($"fd:{descriptor}", Open(handle, FileAccess.Read), Open(handle, FileAccess.Write));
    }

    [UnsupportedOSPlatform("windows")]
    private static void ThrowIfClosed(int descriptor)
    {
        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            _ = File.GetUnixFileMode(handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"fd:{descriptor} is not open.", exception);
        }
    }

    private static Stream Open(SafeFileHandle handle, FileAccess access)
    {
        try
        {
            return new FileStream(handle, access, bufferSize: 0);
        }
        catch (Exception exception) when (exception is ArgumentException or UnauthorizedAccessException)
        {
            return Stream.Null;
        }
    }
}
