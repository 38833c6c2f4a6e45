using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Interop;

namespace Sluice;

/// <summary>
/// Represents bytes that were received over a Unix domain socket, and the descriptors that came with them. The caller owns the descriptors that it takes;
/// a disposal closes the others.
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

    /// <summary>Gets the number of bytes that were read, at least 1; 0 at the end of the stream.</summary>
    public int ByteCount { get; }

    /// <summary>Gets the number of descriptors that came, taken or not.</summary>
    public int Count => _handles.Length;

    /// <summary>
    /// Gets a value indicating whether descriptors were lost since the last call: because the process has reached its limit of open descriptors, because their
    /// bytes were read through the read channel, or because a call had received them and then failed.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>Takes a descriptor of a file, a pipe, a device or anything else.</summary>
    /// <param name="index">The index of the descriptor in the order of sending, from 0.</param>
    /// <returns>The handle, which the caller owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no descriptor with that index.</exception>
    /// <exception cref="InvalidOperationException">The descriptor was taken already.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public SafeFileHandle TakeFile(int index) => new(Take(index), ownsHandle: true);

    /// <summary>Takes a descriptor of a socket: for <see cref="SelectorManager.AdoptStream(SafeSocketHandle, Action{StreamSocketOptions}?)"/>, or
    /// a <see cref="Socket"/>.</summary>
    /// <param name="index">The index of the descriptor in the order of sending, from 0.</param>
    /// <returns>The handle, which the caller owns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no descriptor with that index.</exception>
    /// <exception cref="InvalidOperationException">The descriptor was taken already.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public SafeSocketHandle TakeSocket(int index) => new(Take(index), ownsHandle: true);

    /// <summary>Closes the descriptors that were not taken.</summary>
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
