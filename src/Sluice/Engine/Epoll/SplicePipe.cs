using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Moves bytes from one socket to another through a pipe, in which the kernel keeps references and no copies (splice(2)).
/// </summary>
internal sealed class SplicePipe : ISplice
{
    // Set once, by any thread.
    private static volatile bool s_unsupported;

    private readonly EpollStream _source;
    private readonly EpollStream _sink;
    private readonly SocketHandle _output;
    private readonly SocketHandle _input;

    // Written by the one thread that receives or sends, read by any.
    private long _length;

    private SplicePipe(EpollStream source, EpollStream sink, SocketHandle output, SocketHandle input)
    {
        _source = source;
        _sink = sink;
        _output = output;
        _input = input;
    }

    public long Length => Volatile.Read(ref _length);

    /// <summary>
    /// Opens a pipe between two sockets; null if the system does not support it, or no descriptors are free but those of the reserve: bytes are copied then.
    /// </summary>
    public static SplicePipe? TryOpen(EpollStream source, EpollStream sink)
    {
        if (s_unsupported || !KernelTransfer.TryOpenPipe(out SocketHandle? output, out SocketHandle? input))
        {
            return null;
        }

        if (!DescriptorLimit.IsReserved(output) && !DescriptorLimit.IsReserved(input))
        {
            return new SplicePipe(source, sink, output, input);
        }

        output.Dispose();
        input.Dispose();
        return null;
    }

    public int TryReceive(long most)
    {
        int received = _source.TryReceive(_input, most);
        s_unsupported |= received == ISplice.Unsupported;
        Volatile.Write(ref _length, Math.Max(received, 0));
        return received;
    }

    public int TrySend(ISinkClient client, out bool pending)
    {
        int sent = _sink.TrySend(new Sending(_output, _length), client, out pending);
        if (!pending)
        {
            Volatile.Write(ref _length, _length - sent);
        }

        // Pending: another thread may be sending the rest already, and owns the field.
        return sent;
    }

    public void Dispose()
    {
        _output.Dispose();
        _input.Dispose();
    }

    private readonly struct Sending(SocketHandle pipe, long length) : ISocketSend
    {
        public int Send(SocketHandle socket, out int attempted, out SocketError error)
        {
            int sent = Math.Max(KernelTransfer.Splice(pipe, socket, length, out error), 0);

            // splice(2) is short after a signal as well, and the runtime uses signals: only EAGAIN means that the socket is full.
            attempted = Math.Max(sent, 1);
            return sent;
        }
    }
}
