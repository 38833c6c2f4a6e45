using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens the descriptors that this process has inherited.</summary>
internal static partial class Descriptors
{
    // The same on Linux, macOS and FreeBSD.
    private const int GetDescriptorFlagsCommand = 1;
    private const int CloseOnExec = 1;
    private const int GetFlagsCommand = 3;
    private const int AccessMode = 3;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

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
            // The framework makes a socket of any descriptor; the first use tells.
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            _ = socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Type);
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

    /// <summary>Opens a descriptor that is no socket, for reading and writing as far as it can. It stays open until the link is disposed.</summary>
    public static StreamLink OpenFile(int descriptor)
    {
        int mode = GetFlags(descriptor, GetFlagsCommand) & AccessMode;
        Stream input = mode == WriteOnly ? Stream.Null : Open(descriptor, FileAccess.Read, owns: true);
        Stream output = mode == ReadOnly ? Stream.Null : Open(descriptor, FileAccess.Write, owns: mode == WriteOnly);
        return new StreamLink($"fd:{descriptor}", input, output);
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

        // An inherited descriptor does not have this flag (fcntl(2)); one that has it belongs to the runtime.
        if ((GetFlags(descriptor, GetDescriptorFlagsCommand) & CloseOnExec) != 0)
        {
            throw new IOException($"fd:{descriptor} is not open.");
        }
    }

    private static DescriptorStream Open(int descriptor, FileAccess access, bool owns) => new(new SafeFileHandle(descriptor, owns), $"fd:{descriptor}", access);

    // fcntl(2): without a third argument, the call is the same where variable arguments are passed in another way.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetFlags(int descriptor, int command);
}
