using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Writing;
using Sluice.Engine.Files;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>Part of a file, sent from the page cache without a copy in this process (sendfile(2)).</summary>
internal sealed class FileSlice : IExternalPayload
{
    private readonly EpollStream _sink;
    private readonly SafeFileHandle _file;

    // Of the sender, of which there is one at a time. _length is read by any thread.
    private long _offset;
    private long _length;

    // 1 while this holds a reference to the file. Exchanged.
    private int _held;

    public FileSlice(EpollStream sink, SafeFileHandle file, long offset, long count)
    {
        _sink = sink;
        _file = file;
        _offset = offset;
        _length = count;

        // The caller may close the file: the part is sent all the same.
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

        // Pending: another thread may be sending the rest already, and owns the fields.
        return sent;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _held, 0) != 0)
        {
            _file.DangerousRelease();
        }
    }

    // The file is shorter than announced, or cannot be read. The caller reads the rest, and finds the cause.
    private int End(out SocketError error)
    {
        error = SocketError.Success;
        Missing = _length;
        return (int)_length;
    }

    // Any other error comes from the file or its file system. The caller then reads the file, which succeeds or finds the cause.
    private static bool IsSocketError(SocketError error) => error is SocketError.WouldBlock or SocketError.InProgress
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

            // sendfile(2) is short after a signal as well, and the runtime uses signals: only EAGAIN means that the socket is full.
            attempted = Math.Max(sent, 1);
            return sent == 0 || (sent < 0 && !IsSocketError(error)) ? slice.End(out error) : Math.Max(sent, 0);
        }
    }
}
