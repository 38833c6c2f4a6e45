using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Interop;

namespace Sluice;

/// <summary>
/// Bytes that came over a Unix domain socket, and the descriptors that came with them. Whoever takes one owns it; disposing this closes
/// the others.
/// </summary>
public sealed class ReceivedHandles : IDisposable
{
    private readonly SocketHandle?[] _handles;

    internal ReceivedHandles(int byteCount, SocketHandle[] handles, bool isTruncated)
    {
        ByteCount = byteCount;
        _handles = handles;
        IsTruncated = isTruncated;
    }

    /// <summary>How many bytes were read, at least 1; 0 at the end of the stream.</summary>
    public int ByteCount { get; }

    /// <summary>How many descriptors came, taken or not.</summary>
    public int Count => _handles.Length;

    /// <summary>
    /// Whether descriptors came, since the last call, that could not be had: because the process has as many open as it may, or with bytes
    /// that were read through the read channel.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>Takes a descriptor: of a file, a pipe, a device, or whatever else.</summary>
    /// <param name="index">Which, in the order they were sent, from 0.</param>
    /// <returns>The handle, which the caller owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that number.</exception>
    /// <exception cref="InvalidOperationException">It was taken already.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public SafeFileHandle TakeFile(int index) => new(Take(index), ownsHandle: true);

    /// <summary>Takes a descriptor, which is that of a socket: for <see cref="SelectorManager.AdoptStream(SafeSocketHandle, Action{StreamSocketOptions}?)"/>, or
    /// a <see cref="Socket"/>.</summary>
    /// <param name="index">Which, in the order they were sent, from 0.</param>
    /// <returns>The handle, which the caller owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that number.</exception>
    /// <exception cref="InvalidOperationException">It was taken already.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public SafeSocketHandle TakeSocket(int index) => new(Take(index), ownsHandle: true);

    /// <summary>Closes the descriptors that nobody has taken.</summary>
    public void Dispose() => Array.ForEach(_handles, handle => handle?.Dispose());

    private nint Take(int index) => TakeRaw(index).Take();

    internal SocketHandle TakeRaw(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _handles.Length);
        ObjectDisposedException.ThrowIf(_handles[index] is { IsClosed: true }, this);
        return Interlocked.Exchange(ref _handles[index], null)
            ?? throw new InvalidOperationException($"The descriptor {index} was taken already.");
    }
}
