using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Writing;
using Sluice.Engine.Files;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Part of a file, sent from the page cache without a copy of ours (sendfile(2)).</summary>
internal sealed class FileSlice : IExternalPayload
{
    private readonly EpollStream _sink;
    private readonly SafeFileHandle _file;
    private long _offset;
    private long _length;
    private int _held;

    public FileSlice(EpollStream sink, SafeFileHandle file, long offset, long count)
    {
        _sink = sink;
        _file = file;
        _offset = offset;
        _length = count;

        // Whoever gave it may close it: what is on its way still leaves.
        bool held = false;
        file.DangerousAddRef(ref held);
        _held = held ? 1 : 0;
    }

    public long Length => Volatile.Read(ref _length);

    public long Missing { get; private set; }

    public bool IsReady => PageCache.Has(_file, _offset, _length);

    public int TrySend(ISinkClient client, out bool pending)
    {
        var sending = new Sending(this);
        int sent = _sink.TrySend(sending, client, out pending);
        if (!pending)
        {
            _offset += sent;
            Volatile.Write(ref _length, _length - sent);
        }

        // Pending: another thread may send the rest at this very moment, and what is here is its.
        return sent;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _held, 0) != 0)
        {
            _file.DangerousRelease();
        }
    }

    // Short of what was promised, or unreadable: whoever sends it finds out why.
    private int End(out SocketError error)
    {
        error = SocketError.Success;
        Missing = _length;
        return (int)_length;
    }

    // Any other error comes from the file or its filesystem: the caller then reads the file, which works or says why.
    private static bool IsSocketsFault(SocketError error) => error is SocketError.WouldBlock or SocketError.InProgress
        or SocketError.Shutdown or SocketError.NotConnected or SocketError.TimedOut
        or SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.ConnectionRefused
        or SocketError.NetworkDown or SocketError.NetworkReset or SocketError.NetworkUnreachable
        or SocketError.HostDown or SocketError.HostUnreachable;

    private readonly struct Sending(FileSlice slice) : ISocketSend
    {
        public int Send(SocketHandle socket, out int attempted, out SocketError error)
        {
            int sent = KernelTransfer.SendFile((int)slice._file.DangerousGetHandle(), socket, slice._offset, slice._length, out int errno);
            error = Errno.ToSocketError(errno);

            // It returns early for a signal too, and the runtime uses signals: only EAGAIN says that the socket is full.
            attempted = Math.Max(sent, 1);
            return sent == 0 || (sent < 0 && !IsSocketsFault(error)) ? slice.End(out error) : Math.Max(sent, 0);
        }
    }
}
